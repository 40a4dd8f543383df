//! Consumes jobs: claim, fetch, fold, validate, commit, settle.

pub mod cli;

pub mod health;
pub mod process;
pub mod run;

mod cash_out;
mod decide;
mod delivery;
mod error;
mod failpoint;
mod fetch;
mod intake;
mod measures;
mod panics;
mod patience;
mod places;
mod settle;
mod validate;

pub use run::{Limits, Worker, run};
