//! What a person did beside backfills and requeues.

use chrono::{DateTime, Utc};

/// A kind of action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Action {
    /// Published what was missing of a run.
    Resume,
    /// Lifted the stop of all sign-ins after a refusal.
    SigninRetry,
}

impl Action {
    /// Its name in the ledger.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A recorded action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionRecord {
    /// When, by the database's clock.
    pub at: DateTime<Utc>,
    /// Who did it: user@host.
    pub by: String,
    /// What was done.
    pub what: Action,
}
