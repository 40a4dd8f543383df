//! A fleet for one test: a database, queues and a simulated ERP of its own; real processes.

mod fixture;
mod programs;
mod queues;
mod schemas;
mod workers;

pub use fixture::Fleet;
pub use schemas::create_old_tables;
