//! The answer to a worker's claim of a job.

use std::time::Duration;

use super::attempt::Attempt;
use super::state::JobState;
use super::worker::WorkerId;
use crate::checks::Acceptance;
use crate::failure::Cause;
use crate::job::{RunId, RunParams};
use crate::manifest::Manifest;

/// The answer to a claim.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// The worker may begin.
    Granted(Box<Grant>),
    /// The job is already in this final state, so that its message is done.
    Settled(JobState, Option<Cause>),
    /// A newer run has committed the same target and months. The job is recorded as superseded.
    Superseded {
        /// The newer run.
        by: RunId,
    },
    /// An attempt of another run holds the target, and its worker is alive. The job was deferred.
    Held {
        /// The worker that holds it.
        by: WorkerId,
        /// How long the job waits.
        wait: Duration,
        /// Why, as the job records it.
        cause: Cause,
    },
    /// The wait before the job's next attempt is not over. Nothing was changed.
    TooEarly {
        /// The rest of the wait.
        wait: Duration,
        /// Why its last attempt failed.
        cause: Option<Cause>,
    },
    /// The job has crashed a worker, so that it is granted only to a worker without other jobs.
    /// Nothing was changed.
    Alone,
    /// The ledger has no such job, or has it with other parameters.
    Unknown,
}

/// What a worker needs to know before it begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// The right to write.
    pub attempt: Attempt,
    /// Failures this job has had.
    pub errors: u32,
    /// Attempts whose worker crashed, including the one that this claim follows.
    pub crashes: u32,
    /// One of these workers has sent a heartbeat lately. It may have lost its connection to the
    /// broker only, and its crash may be taken back.
    pub crash_unsure: bool,
    /// The time since the first of its deferrals in a row; zero when its last attempt was not
    /// deferred.
    pub deferred_for: Duration,
    /// Failed checks that a person accepted.
    pub accepted: Acceptance,
    /// The target's last commit, whichever run made it.
    pub previous: Option<PreviousCommit>,
}

/// The last commit of a target.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviousCommit {
    /// Its run's parameters.
    pub params: RunParams,
    /// What it read and published.
    pub manifest: Manifest,
}
