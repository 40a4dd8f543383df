//! A worker's claim to a job, and the answer to it.

use std::time::Duration;

use super::attempt::Attempt;
use super::state::JobState;
use super::worker::WorkerId;
use crate::checks::Acceptance;
use crate::failure::Cause;
use crate::job::{RunId, RunParams};
use crate::manifest::Manifest;

/// What a claim found.
#[derive(Debug, Clone, PartialEq)]
pub enum Claim {
    /// Go ahead.
    Granted(Box<Grant>),
    /// The job already reached this final state; its message has nothing left to do.
    Settled(JobState, Option<Cause>),
    /// A newer run has committed the same target and months: nothing to do, and recorded as such.
    Superseded {
        /// The newer run.
        by: RunId,
    },
    /// Another run's attempt holds the target and its worker is alive: the job was deferred.
    Held {
        /// Who holds it.
        by: WorkerId,
        /// How long the job waits.
        wait: Duration,
        /// Why, as the job records it.
        cause: Cause,
    },
    /// The wait before the job's next attempt is not over. Nothing was changed.
    TooEarly {
        /// What is left of the wait.
        wait: Duration,
        /// Why its last attempt failed.
        cause: Option<Cause>,
    },
    /// The job has ended a worker, so it is granted only to one that has nothing else in hand.
    /// Nothing was changed.
    Alone,
    /// The ledger knows no such job, or with other parameters: the message is not to be trusted.
    Unknown,
}

/// All a worker needs to know before it starts.
#[derive(Debug, Clone, PartialEq)]
pub struct Grant {
    /// The right to write.
    pub attempt: Attempt,
    /// Failures this job has had.
    pub errors: u32,
    /// Workers this job has ended, this claim's predecessor included.
    pub crashes: u32,
    /// A worker taken for dead in one of these gave a sign of life lately: it may have lost its
    /// connection to the broker instead, and the crash be taken back.
    pub crash_unsure: bool,
    /// How long ago it was set aside first, since it was queued or since its last attempt of another
    /// kind; zero when it was not.
    pub deferred_for: Duration,
    /// Failed checks that a person accepted.
    pub accepted: Acceptance,
    /// The target's last commit, whichever run made it.
    pub previous: Option<PreviousCommit>,
}

/// What a target's last commit was for, and what it proved.
#[derive(Debug, Clone, PartialEq)]
pub struct PreviousCommit {
    /// Its run's parameters.
    pub params: RunParams,
    /// Its proof.
    pub manifest: Manifest,
}
