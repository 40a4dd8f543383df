//! The checks of a run or an attempt, counted, and those that say something told. Pure.

use domain::checks::{CheckRecord, CheckVerdict};
use serde::Serialize;

use crate::render::printable;

/// Checks told one by one, before the rest is only counted.
const TOLD: usize = 10;

/// Checks by verdict, with those that did not just pass.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Checks {
    /// How many hold.
    pub passed: usize,
    /// How many are worth a person's eye.
    pub noted: usize,
    /// How many do not hold, which a person accepted.
    pub accepted: usize,
    /// How many failed their job.
    pub failed: usize,
    /// Those that did not just pass, in the order of the jobs.
    pub told: Vec<CheckRecord>,
}

impl Checks {
    /// Counts recorded checks.
    pub fn of(records: Vec<CheckRecord>) -> Self {
        let count = |verdict: CheckVerdict| {
            let of_verdict = |check: &&CheckRecord| check.verdict == verdict.name();
            records.iter().filter(of_verdict).count()
        };
        Self {
            passed: count(CheckVerdict::Passed),
            noted: count(CheckVerdict::Noted),
            accepted: count(CheckVerdict::Accepted),
            failed: count(CheckVerdict::Failed),
            told: records
                .into_iter()
                .filter(|check| check.verdict != CheckVerdict::Passed.name())
                .collect(),
        }
    }

    /// The counts on one line: `14 passed, 1 noted`.
    pub fn counts(&self) -> String {
        let others = [
            (self.noted, "noted"),
            (self.accepted, "accepted"),
            (self.failed, "failed"),
        ];
        let mut text = format!("{} passed", self.passed);
        for (count, verdict) in others.into_iter().filter(|(count, _)| *count > 0) {
            text += &format!(", {count} {verdict}");
        }
        text
    }

    /// Named facts as a page shows them; none where nothing was checked.
    pub fn facts(&self) -> Vec<(&'static str, String)> {
        if self.passed + self.told.len() == 0 {
            return Vec::new();
        }
        let mut facts = vec![("checks", self.counts())];
        facts.extend(self.told.iter().take(TOLD).map(|check| ("", told(check))));
        if self.told.len() > TOLD {
            let more = self.told.len() - TOLD;
            facts.push(("", format!("and {more} more: --json has them all")));
        }
        facts
    }
}

/// A check that says something: `once, 1400: noted, 290 parcelas listed again; such as …`.
fn told(check: &CheckRecord) -> String {
    let CheckRecord {
        name,
        target,
        verdict,
        observed,
        samples,
        ..
    } = check;
    let such_as = match samples.is_empty() {
        true => String::new(),
        false => format!("; such as {}", first(samples)),
    };
    printable(&format!("{name}, {target}: {verdict}, {observed}{such_as}"))
}

/// The first three samples: the others are in the ledger.
fn first(samples: &[String]) -> String {
    let shown: Vec<_> = samples.iter().take(3).map(String::as_str).collect();
    shown.join(", ")
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub(crate) fn check(name: &str, verdict: &str, samples: &[&str]) -> CheckRecord {
        CheckRecord {
            target: "1400".to_owned(),
            name: name.to_owned(),
            severity: "fails".to_owned(),
            verdict: verdict.to_owned(),
            expected: "something".to_owned(),
            observed: "something\u{1b}[2J else".to_owned(),
            subjects: Vec::new(),
            samples: samples.iter().map(|one| (*one).to_owned()).collect(),
        }
    }

    #[test]
    fn what_did_not_just_pass_is_told() {
        let records = vec![
            check("whole", "passed", &[]),
            check("once", "noted", &["1", "2", "3", "4"]),
            check("belongs", "failed", &[]),
        ];
        let checks = Checks::of(records);
        assert_eq!(checks.counts(), "1 passed, 1 noted, 1 failed");
        let facts: Vec<_> = checks.facts().into_iter().map(|(_, text)| text).collect();
        assert_eq!(
            facts[1..],
            [
                "once, 1400: noted, something [2J else; such as 1, 2, 3",
                "belongs, 1400: failed, something [2J else",
            ]
        );
    }

    #[test]
    fn many_are_counted_and_none_says_nothing() {
        let records = vec![check("once", "noted", &[]); TOLD + 2];
        let facts = Checks::of(records).facts();
        assert_eq!(facts.len(), 1 + TOLD + 1);
        assert_eq!(facts[TOLD + 1].1, "and 2 more: --json has them all");
        assert!(Checks::default().facts().is_empty());
    }
}
