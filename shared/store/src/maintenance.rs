//! The database itself: its schema, and whether it answers.

use async_trait::async_trait;
use domain::store_error::StoreError;

use crate::diagnosis::Diagnosis;

/// Brings the schema up to date, and tells how the database stands.
#[async_trait]
pub trait Maintenance: Send + Sync {
    /// Brings the schema up to date, one process at a time. Does nothing when it is.
    async fn migrate(&self) -> Result<(), StoreError>;

    /// Answers when the database answers.
    async fn ping(&self) -> Result<(), StoreError>;

    /// How many migrations of this build the schema lacks; those of a newer build do not count.
    async fn pending_migrations(&self) -> Result<u64, StoreError>;

    /// What the database is, and how its schema and its clock compare with this process's.
    /// Changes nothing, a missing schema included.
    async fn diagnose(&self) -> Result<Diagnosis, StoreError>;

    /// Writes to the ledger and the published tables in a transaction, and rolls it back: fails
    /// when the role may not write or the database is a read-only copy.
    async fn try_write(&self) -> Result<(), StoreError>;
}
