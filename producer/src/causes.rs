//! Failed jobs by cause: what `failed --group` answers. Pure.

use std::cmp::Reverse;
use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use domain::failure::FailureClass;
use domain::job::Target;
use domain::ledger::JobRecord;
use serde::Serialize;

use crate::render::{jobs_of, local, printable};

/// What a job without a recorded cause is grouped under.
const UNKNOWN: &str = "unknown";

/// Failed jobs with the same cause.
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

/// The causes of failed jobs, the most frequent first.
pub fn of(jobs: &[JobRecord]) -> Vec<FailedCause> {
    let mut causes: Vec<FailedCause> = Vec::new();
    for job in jobs {
        let one = FailedCause::of(job);
        match causes
            .iter_mut()
            .find(|known| known.fingerprint == one.fingerprint)
        {
            Some(known) => known.add(&one),
            None => causes.push(one),
        }
    }
    // A stable sort: among equals, publishing order.
    causes.sort_by_key(|cause| Reverse(cause.count));
    causes
}

impl FailedCause {
    fn of(job: &JobRecord) -> Self {
        let cause = job.cause.as_ref();
        Self {
            fingerprint: cause.map_or(UNKNOWN, |cause| &cause.fingerprint).to_owned(),
            class: cause.map(|cause| cause.class),
            count: 1,
            first_seen: job.finished_at,
            last_seen: job.finished_at,
            example: Example {
                target: job.target,
                nome: job.nome.clone(),
                message: cause
                    .map_or("no cause was recorded", |cause| &cause.message)
                    .to_owned(),
            },
        }
    }

    fn add(&mut self, one: &Self) {
        self.count += one.count;
        self.first_seen = match (self.first_seen, one.first_seen) {
            (Some(a), Some(b)) => Some(a.min(b)),
            (a, b) => a.or(b),
        };
        self.last_seen = self.last_seen.max(one.last_seen);
    }
}

/// Two lines a cause: which, how often and when, then an example.
pub fn list(causes: &[FailedCause]) -> String {
    let mut text = String::new();
    for cause in causes {
        _ = writeln!(
            text,
            "{}  {}{}",
            printable(&cause.fingerprint),
            jobs_of(cause.count),
            seen(cause)
        );
        let Example {
            target,
            nome,
            message,
        } = &cause.example;
        _ = writeln!(
            text,
            "    {target} {}: {}",
            printable(nome),
            printable(message)
        );
    }
    text
}

fn seen(cause: &FailedCause) -> String {
    match cause.first_seen.map(local).zip(cause.last_seen.map(local)) {
        Some((first, last)) if first == last => format!(", {first}"),
        Some((first, last)) => format!(", {first} to {last}"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use domain::ledger::JobState;

    use super::*;
    use crate::summary::tests::{at, because, job};

    fn failed(code: i64, time: &str, message: &str) -> JobRecord {
        let failed = job(code, JobState::Failed);
        let mut failed = because(failed, FailureClass::Data, message);
        failed.finished_at = Some(at(time));
        failed
    }

    #[test]
    fn the_most_frequent_cause_comes_first_with_its_times_and_an_example() {
        let mut unexplained = failed(4, "08:29:00", "lost");
        unexplained.cause = None;
        let causes = of(&[
            failed(1, "08:25:00", "amounts fell"),
            failed(2, "08:27:00", "rejected 12 of 300"),
            unexplained,
            failed(3, "08:26:00", "rejected \u{1b}[2J"),
            failed(5, "08:28:00", "rejected 1 of 2"),
        ]);
        assert_eq!(causes[0].count, 3);
        assert_eq!(causes[0].first_seen, Some(at("08:26:00")));
        insta::assert_snapshot!(list(&causes));
    }
}
