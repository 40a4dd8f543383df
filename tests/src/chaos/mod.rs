//! Runs in which everything that can go wrong does, by a schedule drawn from a seed.
//!
//! [`plan`] draws what happens when and what untrue answers the ERP gives, [`moves`] what people and
//! a schedule do meanwhile; [`scenario`] makes it happen to three real workers, [`verdict`] counts
//! what became of the run.

mod lies;
mod moment;
pub mod moves;
mod operator;
pub mod people;
pub mod plan;
pub mod recovery;
mod run;
pub mod scenario;
mod schedule;
pub mod verdict;
mod worker;

pub use run::{note, run};
