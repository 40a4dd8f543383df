//! The contracts that producer and worker stand on; no business flow lives here.

pub mod checks;
pub mod config;
pub mod failure;
pub mod fleet;
pub mod job;
pub mod ledger;
pub mod manifest;
pub mod measures;
pub mod mega;
pub mod money;
pub mod month;
pub mod queue;
pub mod retry;
pub mod shutdown;
pub mod store;
pub mod tables;
pub mod telemetry;
pub mod tls;
