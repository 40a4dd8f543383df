//! The rules in scenarios in virtual time, and the permits.

mod fleet;
mod permits;
mod throughput;
mod trouble;
