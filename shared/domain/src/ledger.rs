//! The ledger's records: what was asked, what is done, what failed and why.

use std::fmt;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use serde::{Deserialize, Serialize};

use crate::checks::{Acceptance, Check};
use crate::failure::Cause;
use crate::job::{EmpreendimentoId, JobMessage, RunId, RunParams, Target};
use crate::manifest::Manifest;
use crate::tables::{EmpreendimentoRow, FilialRow};

/// Where a job stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum JobState {
    /// Recorded; in the queue, or about to be.
    Queued,
    /// A worker has it.
    Running,
    /// Failed in a way that may pass; tried again later.
    Retrying,
    /// Set aside without blame: the ERP is away, or another run has the same target.
    Deferred,
    /// Committed.
    Done,
    /// Not needed: a newer run has committed the same target and months.
    Superseded,
    /// Stopped until a person acts.
    Failed,
}

impl JobState {
    /// Every state.
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Running,
        Self::Retrying,
        Self::Deferred,
        Self::Done,
        Self::Superseded,
        Self::Failed,
    ];

    /// Its name in the ledger and in output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Retrying => "retrying",
            Self::Deferred => "deferred",
            Self::Done => "done",
            Self::Superseded => "superseded",
            Self::Failed => "failed",
        }
    }

    /// The state of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.name() == name)
    }

    /// Whether nothing more happens to the job by itself.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Done | Self::Superseded | Self::Failed)
    }
}

impl fmt::Display for JobState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A worker process, named `host-pid-letters`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkerId(String);

/// This machine's name.
fn host() -> String {
    std::env::var("HOSTNAME")
        .ok()
        .or_else(|| std::fs::read_to_string("/etc/hostname").ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "localhost".to_owned())
}

/// Who runs this process, as `user@host`.
pub fn operator() -> String {
    let user = std::env::var("USER").unwrap_or_default();
    let user = match user.trim() {
        "" => "unknown",
        user => user,
    };
    format!("{user}@{}", host())
}

impl WorkerId {
    /// A name for this process, new at each start.
    pub fn of_this_process() -> Self {
        let host = host();
        let letters: String = std::iter::repeat_with(fastrand::lowercase)
            .take(4)
            .collect();
        Self(format!("{host}-{}-{letters}", std::process::id()))
    }

    /// A worker of a given name.
    pub fn named(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorkerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A worker that is alive, and what it has in hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LivingWorker {
    /// Its name.
    pub id: WorkerId,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When it last said that it is alive.
    pub heartbeat_at: DateTime<Utc>,
    /// Its jobs, of whichever run, the one begun first first.
    pub jobs: Vec<JobInHand>,
}

/// A job that a worker is at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JobInHand {
    /// The run it is of.
    pub run: RunId,
    /// What it works on.
    pub target: Target,
    /// What a person calls it.
    pub nome: String,
    /// When the attempt began.
    pub since: DateTime<Utc>,
}

/// A run about to be recorded, with the catalogue it was planned from.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Its name.
    pub id: RunId,
    /// Its parameters.
    pub params: RunParams,
    /// Every filial of the catalogue.
    pub filiais: Vec<FilialRow>,
    /// Every empreendimento of the catalogue.
    pub empreendimentos: Vec<EmpreendimentoRow>,
    /// What to do, in the order to publish it.
    pub jobs: Vec<NewJob>,
    /// What its plan was checked for.
    pub checks: Vec<Check>,
    /// It may overwrite months that a later view has written.
    pub replace_newer: bool,
    /// Who asks, for the record.
    pub by: String,
}

/// One job of a [`NewRun`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewJob {
    /// What to work on.
    pub target: Target,
    /// What a person calls it.
    pub nome: String,
}

/// A recorded run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunRecord {
    /// Its name.
    pub id: RunId,
    /// Its parameters.
    #[serde(flatten)]
    pub params: RunParams,
    /// When it was enqueued.
    pub created_at: DateTime<Utc>,
    /// It may overwrite months that a later view has written.
    pub replace_newer: bool,
    /// Who asked for it: user@host; absent where an earlier version recorded it.
    pub by: Option<String>,
}

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

/// A view of the ERP: of two, the one of the later day is newer, then the one of the later run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct View {
    /// The run's "today".
    pub as_of: NaiveDate,
    /// When the run was recorded.
    pub run_created_at: DateTime<Utc>,
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

/// Which failed jobs to enqueue again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequeueFilter {
    /// Only these empreendimentos; all when empty.
    pub empreendimentos: Vec<EmpreendimentoId>,
    /// Only this cause.
    pub fingerprint: Option<String>,
}

impl fmt::Display for RequeueFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self
            .empreendimentos
            .iter()
            .map(ToString::to_string)
            .collect();
        match (&self.fingerprint, ids.is_empty()) {
            (None, true) => f.write_str("all"),
            (None, false) => write!(f, "empreendimentos {}", ids.join(",")),
            (Some(cause), true) => write!(f, "cause {cause}"),
            (Some(cause), false) => write!(f, "cause {cause}, empreendimentos {}", ids.join(",")),
        }
    }
}

/// A person's wish to have failed jobs done again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requeue {
    /// Which.
    pub filter: RequeueFilter,
    /// The checks that failed are accepted.
    pub accept_change: bool,
    /// Who asks, for the record.
    pub by: String,
}

/// A recorded requeue of one job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequeueRecord {
    /// The run the job is of.
    pub run: RunId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who asked: user@host.
    pub by: String,
    /// The fingerprint of the failure it was to get over; absent when none was recorded.
    pub fingerprint: Option<String>,
    /// Whether the checks that failed were accepted; in JSON under its older name.
    #[serde(rename = "accept_shrink")]
    pub accept_change: bool,
    /// Which checks, with their subjects; empty where none was, or an earlier version asked.
    pub accepted: String,
    /// What was asked for: all, or which causes and empreendimentos.
    pub filter: String,
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
