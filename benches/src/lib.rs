//! Reading and folding by themselves: the very sources of `shared` and `worker` that do it, without
//! those that talk to ERP, broker and database, so that an optimised build takes seconds.

// The fold names what it stands on as the crate it lives beside.
extern crate self as shared;

#[path = "../../shared/src/checks.rs"]
pub mod checks;
#[path = "../../shared/src/failure.rs"]
pub mod failure;
#[path = "../../worker/src/fold/mod.rs"]
pub mod fold;
#[path = "../../shared/src/job.rs"]
pub mod job;
#[path = "../../shared/src/manifest.rs"]
pub mod manifest;
pub mod mega;
#[path = "../../shared/src/money.rs"]
pub mod money;
#[path = "../../shared/src/month.rs"]
pub mod month;
#[path = "../../shared/src/tables.rs"]
pub mod tables;

pub mod golden;
