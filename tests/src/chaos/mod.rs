//! Runs in which everything that can go wrong does, by a schedule drawn from a seed.
//!
//! [`plan`] draws what happens when and what untrue answers the ERP gives, [`scenario`] makes it
//! happen to three real workers, [`verdict`] counts what became of the run.

mod lies;
mod operator;
pub mod plan;
pub mod recovery;
mod run;
pub mod scenario;
pub mod verdict;
mod worker;

pub use run::{note, run};
