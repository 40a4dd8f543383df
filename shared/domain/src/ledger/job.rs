//! A recorded job.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::state::JobState;
use super::worker::WorkerId;
use crate::failure::Cause;
use crate::job::Target;
use crate::manifest::Manifest;

/// A recorded job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JobRecord {
    /// What it works on.
    pub target: Target,
    /// Its name for people.
    pub nome: String,
    /// Where it stands.
    pub state: JobState,
    /// When the broker last confirmed its message; absent while it has not.
    pub published_at: Option<DateTime<Utc>>,
    /// Attempts that failed.
    pub errors: u32,
    /// Attempts whose worker crashed.
    pub crashes: u32,
    /// Times it was deferred.
    pub deferrals: u32,
    /// Why it is not done; absent while nothing failed.
    pub cause: Option<Cause>,
    /// When it will be tried again, for a job that waits.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When its last attempt began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it reached a final state.
    pub finished_at: Option<DateTime<Utc>>,
    /// The worker of its last attempt.
    pub worker: Option<WorkerId>,
    /// What its commit read and published; absent until it committed.
    pub manifest: Option<Manifest>,
}
