//! Causes of failures, the most frequent first.

use std::fmt::Write as _;

use crate::report::{CauseGroup, Example, FailedCause};
use crate::text::{counted, local, printable};

/// The first line of a group: `3 x data: 12 of 300 records rejected`.
pub(super) fn group_line(group: &CauseGroup) -> String {
    let message = printable(&group.message);
    format!("{} x {}: {message}", group.jobs.len(), group.class)
}

/// Two lines a cause: its fingerprint, how often and when it came, then an example.
pub(crate) fn failed_causes(causes: &[FailedCause]) -> String {
    let mut text = String::new();
    for cause in causes {
        _ = writeln!(
            text,
            "{}  {}{}",
            printable(&cause.fingerprint),
            counted(cause.count, "job"),
            times(cause)
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

fn times(cause: &FailedCause) -> String {
    match cause.first_seen.map(local).zip(cause.last_seen.map(local)) {
        Some((first, last)) if first == last => format!(", {first}"),
        Some((first, last)) => format!(", {first} to {last}"),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use domain::failure::FailureClass;
    use domain::ledger::{JobRecord, JobState};

    use super::*;
    use crate::fixtures::{at, because, job};
    use crate::report;

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
        let causes = report::failed_causes(&[
            failed(1, "08:25:00", "amounts fell"),
            failed(2, "08:27:00", "rejected 12 of 300"),
            unexplained,
            failed(3, "08:26:00", "rejected \u{1b}[2J"),
            failed(5, "08:28:00", "rejected 1 of 2"),
        ]);
        assert_eq!(causes[0].count, 3);
        assert_eq!(causes[0].first_seen, Some(at("08:26:00")));
        insta::assert_snapshot!(failed_causes(&causes));
    }
}
