//! A check that was made, and its verdict.

use strum::VariantArray as _;

use super::acceptance::Acceptance;
use super::definition::{CheckName, Severity};
use crate::failure::FailureClass;

/// The most samples that a check keeps.
pub const MOST_SAMPLES: usize = 20;

/// A check that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Which check.
    pub name: CheckName,
    /// Whether it holds.
    pub verdict: CheckVerdict,
    /// What was found, in words. It has codes and amounts, and no personal data.
    pub observed: String,
    /// The measures or contratos for which it does not hold. All of them are listed, because an
    /// acceptance covers only these.
    pub subjects: Vec<String>,
    /// Codes of records it found, at most [`MOST_SAMPLES`].
    pub samples: Vec<String>,
}

impl Check {
    /// A check that holds.
    pub fn passed(name: CheckName, observed: impl Into<String>) -> Self {
        Self {
            name,
            verdict: CheckVerdict::Passed,
            observed: observed.into(),
            subjects: Vec::new(),
            samples: Vec::new(),
        }
    }

    /// A check that nearly holds.
    pub fn noted(name: CheckName, observed: impl Into<String>) -> Self {
        Self {
            verdict: CheckVerdict::Noted,
            ..Self::passed(name, observed)
        }
    }

    /// A check that does not hold for these subjects.
    pub fn failed(name: CheckName, observed: impl Into<String>, subjects: Vec<String>) -> Self {
        Self {
            verdict: CheckVerdict::Failed,
            subjects,
            ..Self::passed(name, observed)
        }
    }

    /// The check with the first [`MOST_SAMPLES`] of some samples.
    #[must_use]
    pub fn with_samples<T: ToString>(mut self, samples: impl IntoIterator<Item = T>) -> Self {
        let samples = samples.into_iter().take(MOST_SAMPLES);
        self.samples = samples.map(|sample| sample.to_string()).collect();
        self
    }

    /// The check, accepted instead of failed where a person accepted all its subjects.
    #[must_use]
    pub fn unless(mut self, accepted: &Acceptance) -> Self {
        if self.verdict == CheckVerdict::Failed && accepted.covers(self.name, &self.subjects) {
            self.verdict = CheckVerdict::Accepted;
        }
        self
    }

    /// The check that no month or day goes back to an older view; `kept` were left as they are.
    pub fn newer_stays(kept: &[String]) -> Self {
        match kept.len() {
            0 => Self::passed(CheckName::NewerStays, "all that was asked for is written"),
            count => Self::noted(
                CheckName::NewerStays,
                format!("{count} months or days left as a later view has them"),
            )
            .with_samples(kept),
        }
    }

    /// The class of the job's failure, where this check fails it.
    pub fn class(&self) -> Option<FailureClass> {
        match (self.verdict, self.name.severity()) {
            (CheckVerdict::Failed, Severity::Fails(class)) => Some(class),
            _ => None,
        }
    }
}

/// Whether a check holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr, strum::VariantArray)]
#[strum(serialize_all = "kebab-case")]
pub enum CheckVerdict {
    /// It holds.
    Passed,
    /// It nearly holds, and a person should know.
    Noted,
    /// It does not hold, and a person accepted that.
    Accepted,
    /// It does not hold, and the job fails.
    Failed,
}

impl CheckVerdict {
    /// Every verdict, the best first.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Its name in the ledger, in metrics and in output.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_acceptance_covers_what_failed_and_nothing_else() {
        let fall = |subjects: &[&str]| {
            let subjects = subjects.iter().map(|one| (*one).to_owned()).collect();
            Check::failed(CheckName::PlausibleTarget, "fell", subjects)
        };
        let mut accepted = Acceptance::default();
        accepted.add("plausible-target", ["contratos".to_owned()]);
        let verdict = |check: Check, accepted: &Acceptance| check.unless(accepted).verdict;
        assert_eq!(
            verdict(fall(&["contratos"]), &accepted),
            CheckVerdict::Accepted
        );
        assert_eq!(
            verdict(fall(&["contratos", "vp"]), &accepted),
            CheckVerdict::Failed
        );
        assert_eq!(
            verdict(fall(&["vp"]), &Acceptance::default()),
            CheckVerdict::Failed
        );
        assert_eq!(
            verdict(fall(&["vp"]), &Acceptance::of_every_fall()),
            CheckVerdict::Accepted
        );
        let other = Check::failed(
            CheckName::PlausibleContrato,
            "none",
            vec!["11001".to_owned()],
        );
        assert_eq!(
            verdict(other, &Acceptance::of_every_fall()),
            CheckVerdict::Failed
        );
    }
}
