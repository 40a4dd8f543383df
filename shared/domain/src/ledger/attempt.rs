//! One attempt at a job: its right to write, its end, its record.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::worker::WorkerId;
use crate::checks::Check;
use crate::failure::Cause;
use crate::job::{JobMessage, RunId, RunParams};
use crate::manifest::Manifest;

/// The right to work on a target: what a claim grants, and every write presents.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attempt {
    /// The job, as its message says.
    pub job: JobMessage,
    /// Fencing token: higher than any before for this target.
    pub generation: i64,
    /// Who works.
    pub worker: WorkerId,
}

/// How an attempt ended, when not by a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AttemptEnd {
    /// Failed in a way that may pass; spends one attempt.
    Retry {
        /// Why.
        cause: Cause,
        /// When it will be tried again.
        at: DateTime<Utc>,
    },
    /// Set aside without blame.
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
        /// What was read before it failed, where that says something.
        manifest: Option<Manifest>,
        /// What was checked; empty when it failed before that.
        checks: Vec<Check>,
    },
    /// Given back unfinished, because the worker stops; costs nothing.
    Returned,
    /// A newer attempt has the job.
    Superseded,
}

/// Whether a commit took effect.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// It did; the job is done.
    Applied {
        /// Months or days left as they are, because a later view has written them.
        kept: Vec<String>,
    },
    /// It did not: a newer generation exists. Nothing was written.
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
    /// Who worked.
    pub worker: WorkerId,
    /// When it began.
    pub started_at: DateTime<Utc>,
    /// When it ended; absent while it runs.
    pub finished_at: Option<DateTime<Utc>>,
    /// `running`, `done`, `retry`, `deferred`, `failed`, `returned`, `superseded` or `crashed`.
    pub outcome: String,
    /// Why, when it did not commit.
    pub cause: Option<Cause>,
    /// What it read, when it committed or its failure says.
    pub manifest: Option<Manifest>,
}
