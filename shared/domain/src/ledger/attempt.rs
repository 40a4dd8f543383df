//! One attempt at a job: its right to write, its end, its record.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::worker::WorkerId;
use crate::checks::Check;
use crate::failure::Cause;
use crate::job::{JobMessage, RunId, RunParams};
use crate::manifest::Manifest;

/// The right to work on a target. A claim grants it, and every write presents it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The job, as its message says.
    pub job: JobMessage,
    /// Fencing token: higher than that of any earlier attempt at this target.
    pub generation: i64,
    /// The worker.
    pub worker: WorkerId,
}

/// How an attempt ended, when not by a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptEnd {
    /// Failed for a passing reason; spends one of the job's attempts.
    Retry {
        /// Why.
        cause: Cause,
        /// When it will be tried again.
        at: DateTime<Utc>,
    },
    /// Deferred for a reason outside the job; spends no attempt.
    Deferred {
        /// Why.
        cause: Cause,
        /// When it will be tried again.
        at: DateTime<Utc>,
    },
    /// Stopped until a person acts.
    Failed {
        /// Why.
        cause: Cause,
        /// What was read before it failed, where that is of use.
        manifest: Option<Manifest>,
        /// The checks that were made; empty when it failed before them.
        checks: Vec<Check>,
    },
    /// Returned unfinished because the worker stops; spends no attempt.
    Returned,
    /// A newer attempt has the job.
    Superseded,
}

/// Whether a commit took effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// It took effect; the job is done.
    Applied {
        /// Months or days left as they are, because a later view has written them.
        kept: Vec<String>,
    },
    /// It did not, because a newer attempt exists. Nothing was written.
    Fenced,
}

/// A recorded attempt.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AttemptRecord {
    /// Its fencing token.
    pub generation: i64,
    /// The run it was for.
    pub run: RunId,
    /// The window of that run.
    pub params: RunParams,
    /// The worker.
    pub worker: WorkerId,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended; absent while it runs.
    pub finished_at: Option<DateTime<Utc>>,
    /// `running`, `done`, `retry`, `deferred`, `failed`, `returned`, `superseded`, `crashed` or
    /// `cancelled`.
    pub outcome: String,
    /// Why, when it did not commit.
    pub cause: Option<Cause>,
    /// What it read; present when it committed, and for some failures.
    pub manifest: Option<Manifest>,
}
