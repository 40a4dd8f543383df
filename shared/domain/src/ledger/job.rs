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
    /// What a person calls it.
    pub nome: String,
    /// Where it stands.
    pub state: JobState,
    /// When the broker last confirmed its message; absent while it has not.
    pub published_at: Option<DateTime<Utc>>,
    /// Attempts spent on failures.
    pub errors: u32,
    /// Attempts that ended with their worker.
    pub crashes: u32,
    /// Times set aside without blame.
    pub deferrals: u32,
    /// Why it is not done; absent while nothing went wrong.
    pub cause: Option<Cause>,
    /// When it will be tried again, for a job that waits.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// When its last attempt began.
    pub started_at: Option<DateTime<Utc>>,
    /// When it reached a final state.
    pub finished_at: Option<DateTime<Utc>>,
    /// Who had it last.
    pub worker: Option<WorkerId>,
    /// What its commit proved; absent until it committed.
    pub manifest: Option<Manifest>,
}
