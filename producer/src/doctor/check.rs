//! One check.

use serde::Serialize;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::text::printable;

/// The outcome of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Outcome {
    /// In order.
    Ok,
    /// A run is possible, and a person should look.
    Warning,
    /// A run is not possible, or not complete.
    Problem,
    /// Not checked.
    Skipped,
}

impl Outcome {
    /// Its name, as in JSON.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Warning => "warning",
            Self::Problem => "problem",
            Self::Skipped => "skipped",
        }
    }
}

/// One check. Its JSON form is part of the output of `doctor --json`, whose field names stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Check {
    /// What was checked; scripts may look for it.
    pub name: &'static str,
    /// Its outcome.
    pub outcome: Outcome,
    /// What was found, or why it was skipped; perhaps several lines.
    pub found: String,
    /// What to do about it.
    pub advice: Option<String>,
    #[serde(skip)]
    pub(super) exit: Exit,
}

impl Check {
    pub(super) fn ok(name: &'static str, found: impl Into<String>) -> Self {
        Self {
            name,
            outcome: Outcome::Ok,
            found: found.into(),
            advice: None,
            exit: Exit::Done,
        }
    }

    pub(super) fn skipped(name: &'static str, why: impl Into<String>) -> Self {
        Self {
            outcome: Outcome::Skipped,
            ..Self::ok(name, why)
        }
    }

    /// Skipped because the settings it needs are among those that are wrong.
    pub(super) fn unset(name: &'static str) -> Self {
        Self::skipped(name, "its settings are not usable")
    }

    pub(super) fn warning(
        name: &'static str,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            outcome: Outcome::Warning,
            advice: Some(advice.into()),
            ..Self::ok(name, found)
        }
    }

    pub(super) fn problem(
        name: &'static str,
        exit: Exit,
        found: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self {
            outcome: Outcome::Problem,
            exit,
            ..Self::warning(name, found, advice)
        }
    }

    /// A problem that is an error, with the error's exit code.
    pub(super) fn failed(
        name: &'static str,
        error: impl Into<CommandError>,
        advice: impl Into<String>,
    ) -> Self {
        let error = error.into();
        Self::problem(name, error.exit(), printable(&error.to_string()), advice)
    }

    /// Adds something to do, whatever the outcome.
    pub(super) fn with_advice(self, advice: impl Into<String>) -> Self {
        Self {
            advice: Some(advice.into()),
            ..self
        }
    }
}
