//! A check as the ledger has it.

use serde::Serialize;

use super::check::CheckVerdict;

/// A recorded check. Names are text, because a newer build may write others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CheckRecord {
    /// What was checked: a target, or `catalogue` for a run's plan.
    pub target: String,
    /// Its name.
    pub name: String,
    /// `fails` or `noted`.
    pub severity: String,
    /// `passed`, `noted`, `accepted` or `failed`.
    pub verdict: String,
    /// What it expects.
    pub expected: String,
    /// What was found.
    pub observed: String,
    /// The measures or contratos for which it does not hold.
    pub subjects: Vec<String>,
    /// Codes of records it found.
    pub samples: Vec<String>,
}

impl CheckRecord {
    /// Whether it failed its job.
    pub fn has_failed(&self) -> bool {
        self.verdict == CheckVerdict::Failed.name() && self.severity == "fails"
    }
}
