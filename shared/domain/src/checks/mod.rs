//! The checks made before a result is committed, and what each of them found.

mod acceptance;
mod check;
mod definition;
mod record;

pub use self::acceptance::Acceptance;
pub use self::check::{Check, CheckVerdict, MOST_SAMPLES};
pub use self::definition::{CheckName, Severity};
pub use self::record::CheckRecord;
