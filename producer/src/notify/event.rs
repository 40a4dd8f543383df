//! What is told: the kinds of events, and what the text of each is made of.

use chrono::{DateTime, Utc};
use domain::failure::FailureClass;
use domain::job::RunId;
use domain::schedule::MissedTimes;
use serde::{Deserialize, Serialize};

use crate::report::FailedCause;

/// The kinds of events; their names are in the ledger and in the webhook's body.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, strum::Display, strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum Event {
    /// Every job of a run is final, and some failed.
    RunFailed,
    /// The ERP refused the sign-in.
    SignInRefused,
    /// Jobs have waited for the ERP for long.
    ErpAway,
    /// Implausible answers wait for a person.
    Implausible,
    /// No run has completed for long.
    Stale,
    /// Schedules missed times, and have begun no run since.
    ScheduleMissed,
    /// A run that a schedule began cannot be planned.
    PlanRefused,
    /// What an earlier notification told is over.
    Recovered,
    /// Nothing: somebody tries the channels.
    Test,
}

/// What the text of a notification is made of, as the ledger keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Facts {
    /// See [`Event::RunFailed`].
    RunFailed {
        /// The run.
        run: RunId,
        /// Its jobs.
        total: u64,
        /// Those that failed.
        failed: u64,
        /// When its last job became final.
        finished_at: DateTime<Utc>,
        /// Why, the most frequent cause first.
        causes: Vec<CauseCount>,
    },
    /// See [`Event::SignInRefused`].
    SignInRefused {
        /// When.
        at: DateTime<Utc>,
        /// What the refusal looked like.
        why: String,
    },
    /// See [`Event::ErpAway`].
    ErpAway {
        /// Since when the first job waits.
        since: DateTime<Utc>,
        /// How many wait.
        jobs: u64,
    },
    /// See [`Event::Implausible`].
    Implausible {
        /// The run.
        run: RunId,
        /// The failed checks, the most frequent first.
        causes: Vec<CauseCount>,
    },
    /// See [`Event::Stale`].
    Stale {
        /// When a run completed last; absent where none ever has.
        last: Option<DateTime<Utc>>,
        /// How long ago that may be, such as `26h`.
        max_age: String,
    },
    /// See [`Event::ScheduleMissed`].
    ScheduleMissed {
        /// By schedule.
        missed: Vec<MissedSchedule>,
    },
    /// See [`Event::PlanRefused`].
    PlanRefused {
        /// The run.
        run: RunId,
        /// The schedule that began it.
        schedule: Option<String>,
        /// Why it cannot be planned.
        why: String,
    },
    /// See [`Event::Recovered`].
    Recovered {
        /// What is over.
        from: Event,
        /// The newest run.
        run: Option<RunId>,
    },
    /// See [`Event::Test`].
    Test,
}

/// How many jobs failed for a cause.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CauseCount {
    /// What `requeue --cause` takes.
    pub cause: String,
    /// The class of the failure.
    pub class: Option<FailureClass>,
    /// How many jobs.
    pub jobs: usize,
    /// What one of them is called.
    pub example: String,
}

/// The times that a schedule has missed since it last began a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MissedSchedule {
    /// The schedule.
    pub schedule: String,
    /// How many.
    pub times: u64,
    /// The last of them.
    pub last: DateTime<Utc>,
    /// Why the newest time of the schedule began no run.
    pub why: String,
}

impl From<&MissedTimes> for MissedSchedule {
    fn from(missed: &MissedTimes) -> Self {
        Self {
            schedule: missed.schedule.to_string(),
            times: missed.times,
            last: missed.last,
            why: missed.why.clone(),
        }
    }
}

impl From<&FailedCause> for CauseCount {
    fn from(cause: &FailedCause) -> Self {
        Self {
            cause: cause.fingerprint.clone(),
            class: cause.class,
            jobs: cause.count,
            example: cause.example.nome.clone(),
        }
    }
}

impl Facts {
    /// The kind of event.
    pub const fn event(&self) -> Event {
        match self {
            Self::RunFailed { .. } => Event::RunFailed,
            Self::SignInRefused { .. } => Event::SignInRefused,
            Self::ErpAway { .. } => Event::ErpAway,
            Self::Implausible { .. } => Event::Implausible,
            Self::Stale { .. } => Event::Stale,
            Self::ScheduleMissed { .. } => Event::ScheduleMissed,
            Self::PlanRefused { .. } => Event::PlanRefused,
            Self::Recovered { .. } => Event::Recovered,
            Self::Test => Event::Test,
        }
    }

    /// The event that is over, where this says so.
    pub const fn about(&self) -> Option<Event> {
        match self {
            Self::Recovered { from, .. } => Some(*from),
            _ => None,
        }
    }

    /// The run that it is about.
    pub const fn run(&self) -> Option<&RunId> {
        match self {
            Self::RunFailed { run, .. }
            | Self::Implausible { run, .. }
            | Self::PlanRefused { run, .. } => Some(run),
            Self::Recovered { run, .. } => run.as_ref(),
            _ => None,
        }
    }

    /// Failed jobs by cause.
    pub fn causes(&self) -> &[CauseCount] {
        match self {
            Self::RunFailed { causes, .. } | Self::Implausible { causes, .. } => causes,
            _ => &[],
        }
    }
}
