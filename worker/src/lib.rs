//! Consumes jobs: claim, compute, validate, commit, settle.

pub mod cli;
pub mod health;
pub mod run;

mod cancelled;
mod cash_out;
mod claim;
mod compute;
mod deadline;
mod delivery;
mod ending;
mod error;
mod failpoint;
mod fetch;
mod heartbeat;
mod intake;
mod metrics;
mod outcome;
mod panics;
mod persist;
mod process;
mod retry_policy;
mod settle;
mod slots;
mod validate;
mod worker;

pub use run::run;
pub use worker::{Limits, Worker};
