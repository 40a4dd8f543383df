//! Jobs that stopped, each with its cause.

use std::fmt::Write as _;

use domain::ledger::{JobRecord, JobState};

use crate::report::NO_CAUSE;
use crate::text::{local, printable};

/// Two lines a job: its name and when it failed, then its cause.
pub(crate) fn failed_jobs(jobs: &[JobRecord]) -> String {
    let mut text = String::new();
    for job in jobs {
        let target = job.target.to_string();
        _ = writeln!(
            text,
            "{target:<12}  {}  ({})",
            printable(&job.nome),
            ending(job)
        );
        match &job.cause {
            Some(cause) => _ = writeln!(text, "    {}", printable(&cause.to_string())),
            None if job.state == JobState::Cancelled => text.push_str("    cancelled\n"),
            None => _ = writeln!(text, "    {NO_CAUSE}"),
        }
    }
    text
}

fn ending(job: &JobRecord) -> String {
    let mut text = match job.finished_at {
        Some(at) => local(at),
        None => "no time recorded".to_owned(),
    };
    for (count, what) in [(job.errors, "errors"), (job.crashes, "worker crashes")] {
        if count > 0 {
            _ = write!(text, ", {what}: {count}");
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use domain::failure::FailureClass;

    use super::*;
    use crate::fixtures::{because, job};

    #[test]
    fn the_failed_jobs_with_their_causes() {
        let message = "12 of 300 records rejected, more than 1 %";
        let mut worn = because(job(1471, JobState::Failed), FailureClass::Data, message);
        worn.errors = 2;
        let mut deadly = because(job(1472, JobState::Failed), FailureClass::Bug, "\u{1b}[2J");
        deadly.crashes = 2;
        let mut silent = job(1480, JobState::Failed);
        silent.finished_at = None;
        insta::assert_snapshot!(failed_jobs(&[worn, deadly, silent]));
    }
}
