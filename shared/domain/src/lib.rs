//! The types that every other crate uses: ids, months, money, records, tables, the ledger's records,
//! schedules and the failure classes. No I/O.

pub mod checks;
pub mod failure;
pub mod fleet;
pub mod job;
pub mod ledger;
pub mod manifest;
pub mod money;
pub mod month;
pub mod records;
pub mod schedule;
pub mod session;
pub mod store_error;
pub mod tables;
