//! The report as text.

use std::fmt::Write as _;

use super::check::Outcome;
use super::report::Report;
use crate::text::counted;

/// A line for each check, with what to do below it, and the count of each outcome.
pub(crate) fn text(report: &Report) -> String {
    let width = report.checks.iter().map(|check| check.name.len()).max();
    let width = width.unwrap_or_default();
    let indent = " ".repeat("warning".len() + 2 + width + 2);
    let mut text = String::new();
    for check in &report.checks {
        let outcome = check.outcome.name();
        let found = check.found.replace('\n', &format!("\n{indent}"));
        _ = writeln!(text, "{outcome:<7}  {:<width$}  {found}", check.name);
        if let Some(advice) = &check.advice {
            let advice = advice.replace('\n', &format!("\n{indent}  "));
            _ = writeln!(text, "{indent}→ {advice}");
        }
    }
    _ = writeln!(text, "\n{}", counts(report));
    text
}

fn counts(report: &Report) -> String {
    let count = |outcome| {
        let checks = report.checks.iter();
        checks.filter(|check| check.outcome == outcome).count()
    };
    format!(
        "{}, {}, {} ok, {} skipped",
        counted(count(Outcome::Problem), "problem"),
        counted(count(Outcome::Warning), "warning"),
        count(Outcome::Ok),
        count(Outcome::Skipped)
    )
}
