//! Jobs by the cause that they failed for, or wait to be tried again for.

use std::cmp::Reverse;

use chrono::{DateTime, Utc};
use domain::failure::FailureClass;
use domain::job::Target;
use domain::ledger::{JobRecord, JobState};
use serde::Serialize;

/// The fingerprint of jobs without a recorded cause.
const UNKNOWN: &str = "unknown";
/// The message of a job without a recorded cause.
pub(crate) const NO_CAUSE: &str = "no cause was recorded";

/// Jobs of a run with the same cause, in the output of `status --json`, whose field names stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CauseGroup {
    /// The class of the failure.
    pub class: FailureClass,
    /// Equal for failures of the same cause.
    pub fingerprint: String,
    /// The message of the first of them.
    pub message: String,
    /// The jobs, in publishing order.
    pub jobs: Vec<GroupedJob>,
}

/// A job of a [`CauseGroup`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct GroupedJob {
    /// What it works on.
    pub target: Target,
    /// What a person calls it.
    pub nome: String,
}

/// Failed jobs with the same cause, in the output of `failed --group --json`, whose field names
/// stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FailedCause {
    /// Equal for failures of the same cause; what `requeue --cause` takes.
    pub fingerprint: String,
    /// The class of the failure.
    pub class: Option<FailureClass>,
    /// Jobs that failed for it.
    pub count: usize,
    /// When the first of them failed.
    pub first_seen: Option<DateTime<Utc>>,
    /// When the last of them failed.
    pub last_seen: Option<DateTime<Utc>>,
    /// One of them.
    pub example: Example,
}

/// One failed job, to see what a cause looks like.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Example {
    /// What it works on.
    pub target: Target,
    /// What a person calls it.
    pub nome: String,
    /// What it failed with.
    pub message: String,
}

/// The causes of the jobs in some states, the most frequent first. Jobs without a recorded cause
/// are left out.
pub(crate) fn cause_groups(
    jobs: &[JobRecord],
    wanted: impl Fn(JobState) -> bool,
) -> Vec<CauseGroup> {
    let jobs = jobs.iter();
    by_cause(jobs.filter(|job| wanted(job.state) && job.cause.is_some()))
        .into_iter()
        .filter_map(|jobs| {
            let cause = jobs[0].cause.as_ref()?;
            Some(CauseGroup {
                class: cause.class,
                fingerprint: cause.fingerprint.clone(),
                message: cause.message.clone(),
                jobs: jobs.into_iter().map(GroupedJob::from).collect(),
            })
        })
        .collect()
}

/// The causes of failed jobs, the most frequent first.
pub(crate) fn failed_causes(jobs: &[JobRecord]) -> Vec<FailedCause> {
    let groups = by_cause(jobs.iter()).into_iter();
    groups.map(|jobs| FailedCause::of(&jobs)).collect()
}

/// Jobs with the same cause together, the most frequent cause first; no group is empty.
fn by_cause<'a>(jobs: impl Iterator<Item = &'a JobRecord>) -> Vec<Vec<&'a JobRecord>> {
    let mut groups: Vec<Vec<&JobRecord>> = Vec::new();
    for job in jobs {
        let same = |group: &&mut Vec<&JobRecord>| fingerprint(group[0]) == fingerprint(job);
        match groups.iter_mut().find(same) {
            Some(group) => group.push(job),
            None => groups.push(vec![job]),
        }
    }
    // A stable sort: among equals, publishing order.
    groups.sort_by_key(|group| Reverse(group.len()));
    groups
}

fn fingerprint(job: &JobRecord) -> &str {
    let cause = job.cause.as_ref();
    cause.map_or(UNKNOWN, |cause| &cause.fingerprint)
}

impl From<&JobRecord> for GroupedJob {
    fn from(job: &JobRecord) -> Self {
        Self {
            target: job.target,
            nome: job.nome.clone(),
        }
    }
}

impl FailedCause {
    /// Of failed jobs with the same cause, one at least.
    fn of(jobs: &[&JobRecord]) -> Self {
        let (first, cause) = (jobs[0], jobs[0].cause.as_ref());
        let times = || jobs.iter().filter_map(|job| job.finished_at);
        Self {
            fingerprint: fingerprint(first).to_owned(),
            class: cause.map(|cause| cause.class),
            count: jobs.len(),
            first_seen: times().min(),
            last_seen: times().max(),
            example: Example {
                target: first.target,
                nome: first.nome.clone(),
                message: cause.map_or(NO_CAUSE, |cause| &cause.message).to_owned(),
            },
        }
    }
}
