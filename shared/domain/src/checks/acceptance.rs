//! Failed checks that a person accepted.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use super::definition::CheckName;

/// The failed checks that a person accepted for one job, each with its subjects.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Acceptance(BTreeMap<String, BTreeSet<String>>);

/// Stands for every subject of a check.
const EVERY_SUBJECT: &str = "*";

impl Acceptance {
    /// Accepts every fall. `--accept-shrink` meant this before checks were recorded.
    pub fn of_every_fall() -> Self {
        let every = || [EVERY_SUBJECT.to_owned()].into();
        let falls = [CheckName::PlausibleTarget, CheckName::PlausibleWindow];
        Self(falls.map(|name| (name.name().to_owned(), every())).into())
    }

    /// Adds a check that failed, for all its subjects.
    pub fn add(&mut self, check: &str, subjects: impl IntoIterator<Item = String>) {
        self.0.entry(check.to_owned()).or_default().extend(subjects);
    }

    /// Adds all that another accepts.
    pub fn merge(&mut self, other: Self) {
        for (check, subjects) in other.0 {
            self.add(&check, subjects);
        }
    }

    /// Whether it accepts nothing.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Whether every one of a check's subjects is accepted.
    pub(super) fn covers(&self, check: CheckName, subjects: &[String]) -> bool {
        self.0.get(check.name()).is_some_and(|accepted| {
            accepted.contains(EVERY_SUBJECT)
                || subjects.iter().all(|subject| accepted.contains(subject))
        })
    }
}

impl fmt::Display for Acceptance {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (check, subjects)) in self.0.iter().enumerate() {
            let subjects: Vec<_> = subjects.iter().map(String::as_str).collect();
            let separator = if index > 0 { "; " } else { "" };
            write!(f, "{separator}{check}: {}", subjects.join(", "))?;
        }
        Ok(())
    }
}
