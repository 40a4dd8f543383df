//! One check, and all of them as text. Pure.

use std::fmt::Write as _;

use serde::Serialize;

use crate::exit::Exit;

/// What came of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// As it should be.
    Ok,
    /// Work is possible, and a person should look.
    Warning,
    /// Work is not possible, or not as it should be.
    Problem,
    /// Not checked.
    Skipped,
}

impl Outcome {
    const fn name(self) -> &'static str {
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
pub struct Check {
    /// What was checked; scripts may look for it.
    pub name: &'static str,
    /// What came of it.
    pub outcome: Outcome,
    /// What was found, or why it was skipped; perhaps several lines.
    pub found: String,
    /// What to do about it.
    pub advice: Option<String>,
    #[serde(skip)]
    exit: Exit,
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

    /// With something to do, whatever the outcome.
    pub(super) fn with_advice(self, advice: impl Into<String>) -> Self {
        Self {
            advice: Some(advice.into()),
            ..self
        }
    }
}

/// All checks. Its JSON form is the output of `doctor --json`, whose field names stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    exit_code: u8,
    checks: Vec<Check>,
    #[serde(skip)]
    exit: Exit,
}

impl Report {
    /// The report of these checks.
    pub fn new(checks: Vec<Check>) -> Self {
        // What must be put right first: without settings nothing can be asked, and without the
        // database nobody knows about the sign-in.
        let worst = [Exit::Usage, Exit::Away, Exit::SignIn, Exit::Other];
        let met = |exit: &Exit| checks.iter().any(|check| check.exit == *exit);
        let exit = worst.into_iter().find(met).unwrap_or(Exit::Done);
        Self {
            exit_code: exit as u8,
            checks,
            exit,
        }
    }

    /// The code for the worst of its problems; warnings are none.
    pub const fn exit(&self) -> Exit {
        self.exit
    }

    /// A line for each check, with what to do below it, and the count of each outcome.
    pub fn text(&self) -> String {
        let width = self.checks.iter().map(|check| check.name.len()).max();
        let width = width.unwrap_or_default();
        let indent = " ".repeat("warning".len() + 2 + width + 2);
        let mut text = String::new();
        for check in &self.checks {
            let outcome = check.outcome.name();
            let found = check.found.replace('\n', &format!("\n{indent}"));
            _ = writeln!(text, "{outcome:<7}  {:<width$}  {found}", check.name);
            if let Some(advice) = &check.advice {
                let advice = advice.replace('\n', &format!("\n{indent}  "));
                _ = writeln!(text, "{indent}→ {advice}");
            }
        }
        _ = writeln!(text, "\n{}", self.counts());
        text
    }

    fn counts(&self) -> String {
        let count = |outcome| {
            let those = self.checks.iter().filter(|check| check.outcome == outcome);
            those.count()
        };
        let plural = |count| if count == 1 { "" } else { "s" };
        let (problems, warnings) = (count(Outcome::Problem), count(Outcome::Warning));
        format!(
            "{problems} problem{}, {warnings} warning{}, {} ok, {} skipped",
            plural(problems),
            plural(warnings),
            count(Outcome::Ok),
            count(Outcome::Skipped)
        )
    }
}
