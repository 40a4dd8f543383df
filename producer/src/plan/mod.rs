//! What a run will do: arguments and catalogue in, jobs out. No I/O.

mod catalogue;
mod error;
mod jobs;
mod request;

pub use self::error::PlanError;
pub use self::jobs::{Plan, plan};
pub use self::request::{Request, SkipRecent};

#[cfg(test)]
mod tests;
