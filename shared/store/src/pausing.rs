//! The pause of the fleet.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::ledger::Pause;
use domain::store_error::StoreError;

/// Pauses the fleet and lifts the pause; [`Working::heartbeat`](crate::Working::heartbeat) tells
/// each worker whether it stands.
#[async_trait]
pub trait Pausing: Send + Sync {
    /// The pause that stands; `None` where there is none, or its time is over by the database's clock.
    async fn pause_of_fleet(&self) -> Result<Option<Pause>, StoreError>;

    /// Pauses the fleet, until a time or until somebody lifts it, and records that `by`, user@host,
    /// did so and why. Replaces an earlier pause.
    async fn pause_fleet(
        &self,
        until: Option<DateTime<Utc>>,
        by: &str,
        why: &str,
    ) -> Result<Pause, StoreError>;

    /// Lifts the pause that stands, and records that `by`, user@host, did so; `false` where none stands.
    async fn unpause_fleet(&self, by: &str) -> Result<bool, StoreError>;
}
