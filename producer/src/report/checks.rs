//! The checks of a run or an attempt, counted, with those that did not just pass.

use domain::checks::{CheckRecord, CheckVerdict};
use serde::Serialize;

/// Checks by verdict, with those that did not just pass.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize)]
pub struct Checks {
    /// How many hold.
    pub passed: usize,
    /// How many a person should look at.
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
}
