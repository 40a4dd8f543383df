//! What must hold before a result is committed: named checks, and what each of them found.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

use serde::{Deserialize, Serialize};

use crate::failure::FailureClass;

/// Samples that a check keeps, at most.
pub const MOST_SAMPLES: usize = 20;

/// The checks, in the order in which they are made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CheckName {
    /// Everything that was asked for arrived.
    Whole,
    /// Contratos can be read.
    ReadableContratos,
    /// Parcelas can be read.
    ReadableParcelas,
    /// Faturas can be read.
    ReadableFaturas,
    /// Contratos are of the empreendimento that was asked for.
    Belongs,
    /// Nothing comes twice.
    Once,
    /// Every parcela has the dates and amounts that its figures need.
    Placed,
    /// What is due adds up.
    BalancedForecast,
    /// What was paid adds up.
    BalancedActual,
    /// Present values add up.
    BalancedVp,
    /// Contract values add up.
    BalancedValorContrato,
    /// Payables due add up.
    BalancedOrcamento,
    /// Payables paid add up.
    BalancedRealizado,
    /// The target did not shrink.
    PlausibleTarget,
    /// The contratos that were there before did not grow.
    PlausibleGrowth,
    /// No contrato lost its parcelas.
    PlausibleContrato,
    /// The payables of the window did not shrink.
    PlausibleWindow,
    /// The catalogue did not shrink.
    PlausibleCatalogue,
    /// No month goes back to an older view.
    NewerStays,
}

/// Whether a check that does not hold fails the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// It does, with this class; within its tolerance it is noted.
    Fails(FailureClass),
    /// It never does: it is noted.
    Noted,
}

/// What became of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CheckVerdict {
    /// It holds.
    Passed,
    /// It does not quite hold, and a person should know.
    Noted,
    /// It does not hold, and a person accepted that.
    Accepted,
    /// It does not hold, and the job fails.
    Failed,
}

use CheckName as Name;
use FailureClass::{Bug, Data, Implausible};
use Severity::{Fails, Noted};

impl CheckName {
    /// Every check, in order.
    pub const ALL: [Self; 19] = [
        Self::Whole,
        Self::ReadableContratos,
        Self::ReadableParcelas,
        Self::ReadableFaturas,
        Self::Belongs,
        Self::Once,
        Self::Placed,
        Self::BalancedForecast,
        Self::BalancedActual,
        Self::BalancedVp,
        Self::BalancedValorContrato,
        Self::BalancedOrcamento,
        Self::BalancedRealizado,
        Self::PlausibleTarget,
        Self::PlausibleGrowth,
        Self::PlausibleContrato,
        Self::PlausibleWindow,
        Self::PlausibleCatalogue,
        Self::NewerStays,
    ];

    /// Its name, whether it fails the job, and what it expects: one line a check.
    #[rustfmt::skip]
    const fn definition(self) -> (&'static str, Severity, &'static str) {
        match self {
            Name::Whole => ("whole", Fails(Bug), "an answer to every call"),
            Name::ReadableContratos => ("readable-contratos", Fails(Data), "every contrato readable; data_assinatura may be unknown"),
            Name::ReadableParcelas => ("readable-parcelas", Fails(Data), "at most 1 % of the parcelas rejected, and not all of a contrato"),
            Name::ReadableFaturas => ("readable-faturas", Fails(Data), "at most 1 % of the faturas rejected"),
            Name::Belongs => ("belongs", Fails(Data), "at most one contrato, or 1 %, of another empreendimento"),
            Name::Once => ("once", Noted, "every record once"),
            Name::Placed => ("placed", Noted, "data_vencimento on every parcela, data_baixa and vlr_pago on every paid one"),
            Name::BalancedForecast => ("balanced-forecast", Fails(Bug), "read = published + set aside, to the last decimal"),
            Name::BalancedActual => ("balanced-actual", Fails(Bug), "read = published + set aside, to the last decimal"),
            Name::BalancedVp => ("balanced-vp", Fails(Bug), "read = published + set aside, to the last decimal"),
            Name::BalancedValorContrato => ("balanced-valor_contrato", Fails(Bug), "read = published + set aside, to the last decimal"),
            Name::BalancedOrcamento => ("balanced-orcamento", Fails(Bug), "read = published + set aside, to the last decimal"),
            Name::BalancedRealizado => ("balanced-realizado", Fails(Bug), "read = published + set aside, to the last decimal"),
            Name::PlausibleTarget => ("plausible-target", Fails(Implausible), "no fall by more than half since the last commit, above 10 records or R$ 10"),
            Name::PlausibleGrowth => ("plausible-growth", Fails(Implausible), "contratos of the last commit not more than doubled, above 100 parcelas or R$ 100000"),
            Name::PlausibleContrato => ("plausible-contrato", Fails(Implausible), "no contrato without parcelas that had more than 10, unless distratado or quitado"),
            Name::PlausibleWindow => ("plausible-window", Fails(Implausible), "no fall by more than half against what the table holds for the window"),
            Name::PlausibleCatalogue => ("plausible-catalogue", Fails(Implausible), "at most two, or 10 %, of the empreendimentos with contratos no longer listed"),
            Name::NewerStays => ("newer-stays", Noted, "no month or day that a later view has written"),
        }
    }

    /// Its name in the ledger, in metrics and in output.
    pub const fn name(self) -> &'static str {
        self.definition().0
    }

    /// Whether it fails the job.
    pub const fn severity(self) -> Severity {
        self.definition().1
    }

    /// What it expects.
    pub const fn expected(self) -> &'static str {
        self.definition().2
    }

    /// The check of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|check| check.name() == name)
    }
}

impl fmt::Display for CheckName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

impl Severity {
    /// Its name in the ledger and in output.
    pub const fn name(self) -> &'static str {
        match self {
            Fails(_) => "fails",
            Noted => "noted",
        }
    }
}

impl CheckVerdict {
    /// Every verdict, the best first.
    pub const ALL: [Self; 4] = [Self::Passed, Self::Noted, Self::Accepted, Self::Failed];

    /// Its name in the ledger, in metrics and in output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Noted => "noted",
            Self::Accepted => "accepted",
            Self::Failed => "failed",
        }
    }
}

/// A check that was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// Which.
    pub name: CheckName,
    /// What became of it.
    pub verdict: CheckVerdict,
    /// What was found, in words; codes and amounts, never persons.
    pub observed: String,
    /// What of it does not hold: a measure or a contrato's code. All of them, for an acceptance
    /// covers nothing else.
    pub subjects: Vec<String>,
    /// Codes of records it found, at most [`MOST_SAMPLES`].
    pub samples: Vec<String>,
}

impl Check {
    /// One that holds.
    pub fn passed(name: CheckName, observed: impl Into<String>) -> Self {
        Self {
            name,
            verdict: CheckVerdict::Passed,
            observed: observed.into(),
            subjects: Vec::new(),
            samples: Vec::new(),
        }
    }

    /// One that a person should know of.
    pub fn noted(name: CheckName, observed: impl Into<String>) -> Self {
        Self {
            verdict: CheckVerdict::Noted,
            ..Self::passed(name, observed)
        }
    }

    /// One that does not hold for these subjects.
    pub fn failed(name: CheckName, observed: impl Into<String>, subjects: Vec<String>) -> Self {
        Self {
            verdict: CheckVerdict::Failed,
            subjects,
            ..Self::passed(name, observed)
        }
    }

    /// The same with the first of some samples.
    #[must_use]
    pub fn with_samples<T: ToString>(mut self, samples: impl IntoIterator<Item = T>) -> Self {
        let samples = samples.into_iter().take(MOST_SAMPLES);
        self.samples = samples.map(|sample| sample.to_string()).collect();
        self
    }

    /// The same, not failed where a person accepted all that fails it.
    #[must_use]
    pub fn unless(mut self, accepted: &Acceptance) -> Self {
        if self.verdict == CheckVerdict::Failed && accepted.covers(&self) {
            self.verdict = CheckVerdict::Accepted;
        }
        self
    }

    /// The check that no month or day goes back to an older view, where these were left as they are.
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
            (CheckVerdict::Failed, Fails(class)) => Some(class),
            _ => None,
        }
    }
}

/// What a person accepted of one job: checks that failed, each with its subjects.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Acceptance(BTreeMap<String, BTreeSet<String>>);

/// Stands for every subject of a check.
const EVERY_SUBJECT: &str = "*";

impl Acceptance {
    /// That every measure may fall: what `--accept-shrink` meant before checks were recorded.
    pub fn of_every_fall() -> Self {
        let every = || [EVERY_SUBJECT.to_owned()].into();
        let falls = [CheckName::PlausibleTarget, CheckName::PlausibleWindow];
        Self(falls.map(|name| (name.name().to_owned(), every())).into())
    }

    /// Adds a check that failed, for all its subjects.
    pub fn add(&mut self, check: &str, subjects: impl IntoIterator<Item = String>) {
        self.0.entry(check.to_owned()).or_default().extend(subjects);
    }

    /// Adds all of another.
    pub fn merge(&mut self, other: Self) {
        for (check, subjects) in other.0 {
            self.add(&check, subjects);
        }
    }

    /// Whether there is nothing in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn covers(&self, check: &Check) -> bool {
        self.0.get(check.name.name()).is_some_and(|subjects| {
            subjects.contains(EVERY_SUBJECT)
                || check.subjects.iter().all(|one| subjects.contains(one))
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

/// A recorded check. Names are text: a newer build may make others.
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
    /// What of it does not hold.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_check_has_a_name_of_its_own() {
        let names: BTreeSet<_> = Name::ALL.into_iter().map(Name::name).collect();
        assert_eq!(names.len(), Name::ALL.len());
        for check in Name::ALL {
            assert_eq!(Name::from_name(check.name()), Some(check));
        }
    }

    #[test]
    fn an_acceptance_covers_what_failed_and_nothing_else() {
        let fall = |subjects: &[&str]| {
            let subjects = subjects.iter().map(|one| (*one).to_owned()).collect();
            Check::failed(Name::PlausibleTarget, "fell", subjects)
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
        let other = Check::failed(Name::PlausibleContrato, "none", vec!["11001".to_owned()]);
        assert_eq!(
            verdict(other, &Acceptance::of_every_fall()),
            CheckVerdict::Failed
        );
    }
}
