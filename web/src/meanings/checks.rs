//! What each check is called, and what it expects.

use domain::checks::{CheckName, CheckRecord, CheckVerdict};
use domain::job::Target;
use producer::portuguese;

use super::{Text, text};
use crate::language::Language;

/// A recorded check in words; what another version wrote stays as it is.
pub struct ToldCheck<'a> {
    /// What it is called.
    pub called: &'a str,
    /// Its verdict.
    pub verdict: &'a str,
    /// What it expects.
    pub expected: &'a str,
    /// What was checked; none where it was the plan of the run.
    pub target: Option<Target>,
}

impl Language {
    /// A check in words.
    pub fn check(self, record: &CheckRecord) -> ToldCheck<'_> {
        let mut all = CheckName::ALL.iter().copied();
        let known = all.find(|check| check.name() == record.name).map(meaning);
        let mut verdicts = CheckVerdict::ALL.iter().copied();
        let verdict = verdicts.find(|verdict| verdict.name() == record.verdict);
        ToldCheck {
            called: known.map_or(&record.name, |(name, _)| name.of(self)),
            verdict: verdict.map_or(&record.verdict, |one| verdict_name(one).of(self)),
            expected: match (self, known) {
                (Self::Portuguese, Some((_, expected))) => expected,
                (Self::English, _) | (_, None) => &record.expected,
            },
            target: record.target.parse().ok(),
        }
    }
}

/// What a check is called, and in Portuguese what it expects.
pub(super) const fn meaning(check: CheckName) -> (Text, &'static str) {
    use CheckName as Name;
    let english = match check {
        Name::Whole => "everything arrived",
        Name::ReadableContratos => "readable contratos",
        Name::ReadableParcelas => "readable parcelas",
        Name::ReadableFaturas => "readable faturas",
        Name::Belongs => "contratos of the empreendimento itself",
        Name::Once => "no repetitions",
        Name::Placed => "dates and amounts present",
        Name::BalancedForecast => "forecast adds up",
        Name::BalancedActual => "received adds up",
        Name::BalancedVp => "present value adds up",
        Name::BalancedValorContrato => "value of contratos adds up",
        Name::BalancedOrcamento => "budget of cash out adds up",
        Name::ByContrato => "sum of contratos",
        Name::BalancedRealizado => "paid cash out adds up",
        Name::PlausibleTarget => "no sudden fall",
        Name::PlausibleGrowth => "no sudden growth",
        Name::PlausibleContrato => "no contrato emptied",
        Name::PlausibleWindow => "no sudden fall of payables",
        Name::PlausibleCatalogue => "catalogue without losses",
        Name::ControlTotal => "open as in the ERP",
        Name::NewerStays => "newer stays",
    };
    let told = portuguese::check(check);
    (text(told.called, english), told.expected)
}

/// The check that a text begins with the name of, and what follows it after a hyphen.
pub(super) fn known_prefix(text: &str) -> Option<(CheckName, &str)> {
    CheckName::ALL.iter().find_map(|check| {
        let rest = text.strip_prefix(check.name())?;
        let subject = if rest.is_empty() {
            rest
        } else {
            rest.strip_prefix('-')?
        };
        Some((*check, subject))
    })
}

const fn verdict_name(verdict: CheckVerdict) -> Text {
    let english = match verdict {
        CheckVerdict::Passed => "passed",
        CheckVerdict::Noted => "noted",
        CheckVerdict::Accepted => "accepted",
        CheckVerdict::Failed => "failed",
    };
    text(portuguese::verdict(verdict), english)
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn no_two_checks_are_called_the_same() {
        for language in [Language::Portuguese, Language::English] {
            let checks = CheckName::ALL.iter();
            let called = checks.map(|check| meaning(*check).0.of(language));
            assert_eq!(called.collect::<HashSet<_>>().len(), CheckName::ALL.len());
        }
    }

    #[test]
    fn what_another_version_checked_stays_as_it_is() {
        let mut record = CheckRecord {
            target: "1406".to_owned(),
            name: "newer-stays".to_owned(),
            severity: "noted".to_owned(),
            verdict: "noted".to_owned(),
            expected: "what it expected then".to_owned(),
            observed: "3 months".to_owned(),
            subjects: Vec::new(),
            samples: Vec::new(),
        };
        let told = Language::Portuguese.check(&record);
        assert_eq!(told.called, "o mais novo permanece");
        assert_eq!(told.verdict, "a observar");
        assert_eq!(
            told.expected,
            "nenhum mês ou dia que uma visão posterior gravou"
        );
        let told = Language::English.check(&record);
        assert_eq!(told.expected, "what it expected then");

        (record.name, record.verdict) = ("of-next-year".to_owned(), "doubted".to_owned());
        record.target = "catalogue".to_owned();
        let told = Language::Portuguese.check(&record);
        assert_eq!((told.called, told.verdict), ("of-next-year", "doubted"));
        assert_eq!(
            (told.expected, told.target),
            ("what it expected then", None)
        );
    }
}
