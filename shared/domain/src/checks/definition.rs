//! The checks: their names, whether they fail a job, and what they expect.

use std::fmt;

use crate::failure::FailureClass;

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
