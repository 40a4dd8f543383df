//! The checks: their names, whether they fail a job, and what they expect.

use strum::VariantArray as _;

use crate::failure::FailureClass;

/// The checks, in the order in which they are made.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::Display,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "kebab-case")]
pub enum CheckName {
    /// Everything that was asked for arrived.
    Whole,
    /// Contratos can be read.
    ReadableContratos,
    /// Parcelas can be read.
    ReadableParcelas,
    /// Faturas can be read.
    ReadableFaturas,
    /// Contratos belong to the empreendimento that was asked for.
    Belongs,
    /// Every record is listed once.
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
    #[strum(to_string = "balanced-valor_contrato")]
    BalancedValorContrato,
    /// Figures are what the contratos add.
    ByContrato,
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
    /// What the ERP gives as a total is what was read.
    ControlTotal,
    /// No month goes back to an older view.
    NewerStays,
}

/// Whether a check that does not hold fails the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::IntoStaticStr)]
#[strum(serialize_all = "kebab-case")]
pub enum Severity {
    /// It fails the job with this class; within its tolerance it is noted.
    Fails(FailureClass),
    /// It never fails the job; it is noted.
    Noted,
}

use CheckName as Name;
use FailureClass::{Bug, Data, Implausible};
use Severity::{Fails, Noted};

impl CheckName {
    /// Every check, in order.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Whether it fails the job, and what it expects: one line a check.
    #[rustfmt::skip]
    const fn definition(self) -> (Severity, &'static str) {
        match self {
            Name::Whole => (Fails(Bug), "an answer to every call"),
            Name::ReadableContratos => (Fails(Data), "every contrato readable; data_assinatura may be unknown"),
            Name::ReadableParcelas => (Fails(Data), "at most 1 % of the parcelas rejected, and not all of a contrato"),
            Name::ReadableFaturas => (Fails(Data), "at most 1 % of the faturas rejected"),
            Name::Belongs => (Fails(Data), "at most one contrato, or 1 %, of another empreendimento"),
            Name::Once => (Noted, "every record once"),
            Name::Placed => (Noted, "data_vencimento on every parcela, data_baixa and vlr_pago on every paid one"),
            Name::BalancedForecast => (Fails(Bug), "read = published + set aside, to the last decimal"),
            Name::BalancedActual => (Fails(Bug), "read = published + set aside, to the last decimal"),
            Name::BalancedVp => (Fails(Bug), "read = published + set aside, to the last decimal"),
            Name::BalancedValorContrato => (Fails(Bug), "read = published + set aside, to the last decimal"),
            Name::ByContrato => (Fails(Bug), "every figure = what its contratos add, rounded once"),
            Name::BalancedOrcamento => (Fails(Bug), "read = published + set aside, to the last decimal"),
            Name::BalancedRealizado => (Fails(Bug), "read = published + set aside, to the last decimal"),
            Name::PlausibleTarget => (Fails(Implausible), "no fall by more than half since the last commit, above 10 records or R$ 10"),
            Name::PlausibleGrowth => (Fails(Implausible), "contratos of the last commit not more than doubled, above 100 parcelas or R$ 100000"),
            Name::PlausibleContrato => (Fails(Implausible), "no contrato without parcelas that had more than 10, unless distratado or quitado"),
            Name::PlausibleWindow => (Fails(Implausible), "no fall by more than half against what the table holds for the window"),
            Name::PlausibleCatalogue => (Fails(Implausible), "at most two, or 10 %, of the empreendimentos with contratos no longer listed"),
            Name::ControlTotal => (Noted, "what the ERP gives as open equals what is open among the faturas read"),
            Name::NewerStays => (Noted, "no month or day that a later view has written"),
        }
    }

    /// Its name in the ledger, in metrics and in output.
    pub fn name(self) -> &'static str {
        self.into()
    }

    /// Whether it fails the job.
    pub const fn severity(self) -> Severity {
        self.definition().0
    }

    /// What it expects.
    pub const fn expected(self) -> &'static str {
        self.definition().1
    }
}

impl Severity {
    /// Its name in the ledger and in output.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_in_the_ledger() {
        let names: Vec<_> = CheckName::ALL.iter().map(|check| check.name()).collect();
        assert_eq!(
            names.join(" "),
            "whole readable-contratos readable-parcelas readable-faturas belongs once placed \
             balanced-forecast balanced-actual balanced-vp balanced-valor_contrato \
             by-contrato balanced-orcamento balanced-realizado plausible-target plausible-growth \
             plausible-contrato plausible-window plausible-catalogue control-total newer-stays"
        );
        assert_eq!(Severity::Fails(Bug).name(), "fails");
        assert_eq!(Severity::Noted.name(), "noted");
    }
}
