//! The checks of a run or an attempt: counts, and those that did not just pass.

use domain::checks::CheckRecord;

use crate::report::Checks;
use crate::text::{list, printable};

/// Checks shown one by one, before the rest is only counted.
const SHOWN: usize = 10;

/// The counts on one line: `14 passed, 1 noted`.
fn counts(checks: &Checks) -> String {
    let others = [
        (checks.noted, "noted"),
        (checks.accepted, "accepted"),
        (checks.failed, "failed"),
    ];
    let mut text = format!("{} passed", checks.passed);
    for (count, verdict) in others.into_iter().filter(|(count, _)| *count > 0) {
        text += &format!(", {count} {verdict}");
    }
    text
}

/// Named facts, in the order to show them; none where nothing was checked.
pub(super) fn facts(checks: &Checks) -> Vec<(&'static str, String)> {
    if checks.passed + checks.told.len() == 0 {
        return Vec::new();
    }
    let mut facts = vec![("checks", counts(checks))];
    facts.extend(checks.told.iter().take(SHOWN).map(|one| ("", check(one))));
    if checks.told.len() > SHOWN {
        let more = checks.told.len() - SHOWN;
        facts.push(("", format!("and {more} more, all shown by --json")));
    }
    facts
}

/// One check: `once, 1400: noted, 290 parcelas listed again; such as …`.
fn check(check: &CheckRecord) -> String {
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
        // The other samples are in the ledger.
        false => format!("; such as {}", list(samples.iter().take(3))),
    };
    printable(&format!("{name}, {target}: {verdict}, {observed}{such_as}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::check;

    #[test]
    fn what_did_not_just_pass_is_told() {
        let records = vec![
            check("whole", "passed", &[]),
            check("once", "noted", &["1", "2", "3", "4"]),
            check("belongs", "failed", &[]),
        ];
        let checks = Checks::of(records);
        assert_eq!(counts(&checks), "1 passed, 1 noted, 1 failed");
        let facts: Vec<_> = facts(&checks).into_iter().map(|(_, text)| text).collect();
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
        let records = vec![check("once", "noted", &[]); SHOWN + 2];
        let shown = facts(&Checks::of(records));
        assert_eq!(shown.len(), 1 + SHOWN + 1);
        assert_eq!(shown[SHOWN + 1].1, "and 2 more, all shown by --json");
        assert!(facts(&Checks::default()).is_empty());
    }
}
