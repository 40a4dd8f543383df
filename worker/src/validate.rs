//! What must hold before a result is committed, check by check.
//!
//! The figures may be exact and still wrong, when what the ERP sent is not whole, does not belong
//! here, comes twice or is hardly true. Every check is made, so that a person sees all that is
//! wrong at once; each is recorded with the attempt, passed or not. What each expects, and what its
//! failure means, stands in [`domain::checks`].

mod by_contrato;
mod plausible;
mod sound;
#[cfg(test)]
mod tests;

use domain::checks::{Acceptance, Check, CheckName};
use domain::ledger::PreviousCommit;
use domain::tables::ContratoMemory;
use fold::Folded;
use store::FaturasDue;

use self::by_contrato::by_contrato;
use self::plausible::{plausible_contratos, plausible_growth, plausible_target, plausible_window};
use self::sound::{
    balanced, belongs, control_total, once, periods_answered, placed, readable, readable_contratos,
    whole,
};
use crate::cash_out::CashOut;
use crate::error::JobError;

/// Checks an empreendimento's result against itself, and against the target's last commit and what
/// its contratos had then; `memory` is empty where that is not known.
///
/// # Errors
/// [`JobError::Checks`] with every check made, when one fails.
pub fn empreendimento(
    folded: &Folded,
    previous: Option<&PreviousCommit>,
    memory: &[ContratoMemory],
    accepted: &Acceptance,
) -> Result<Vec<Check>, JobError> {
    let (manifest, findings) = (&folded.result.manifest, &folded.findings);
    all_of(
        vec![
            whole(manifest),
            readable_contratos(findings),
            readable(
                CheckName::ReadableParcelas,
                manifest,
                &findings.parcelas.rejected,
            ),
            belongs(findings),
            once(
                "contratos and parcelas",
                &[
                    ("contratos listed again", &findings.contratos_repeated),
                    ("parcelas listed again", &findings.parcelas.repeated),
                    (
                        "parcelas with the cod_parcela of another, which all count",
                        &findings.parcelas.same_code,
                    ),
                ],
            ),
            placed(findings),
            balanced(CheckName::BalancedForecast, manifest, "forecast"),
            balanced(CheckName::BalancedActual, manifest, "actual"),
            balanced(CheckName::BalancedVp, manifest, "vp"),
            balanced(CheckName::BalancedValorContrato, manifest, "valor_contrato"),
            by_contrato(&folded.result),
            plausible_target(manifest, previous),
            plausible_growth(&folded.result.memory, memory),
            plausible_contratos(folded, memory),
        ],
        accepted,
    )
}

/// Checks a window's payables against themselves, against what the table holds for the same window,
/// and against the ERP's own totals.
///
/// # Errors
/// As [`empreendimento`].
pub fn cash_out(
    cash_out: &CashOut,
    held: FaturasDue,
    accepted: &Acceptance,
) -> Result<Vec<Check>, JobError> {
    let (manifest, findings) = (&cash_out.result.manifest, &cash_out.findings);
    all_of(
        vec![
            periods_answered(findings),
            readable(CheckName::ReadableFaturas, manifest, &findings.rejected),
            once(
                "faturas",
                &[
                    ("faturas listed again", &findings.repeated),
                    (
                        "faturas listed again with another balance, of which the first counts",
                        &findings.repeated_otherwise,
                    ),
                ],
            ),
            balanced(CheckName::BalancedOrcamento, manifest, "orcamento"),
            balanced(CheckName::BalancedRealizado, manifest, "realizado"),
            plausible_window(manifest, held),
            control_total(&cash_out.controls),
        ],
        accepted,
    )
}

fn all_of(checks: Vec<Check>, accepted: &Acceptance) -> Result<Vec<Check>, JobError> {
    let checks: Vec<_> = checks
        .into_iter()
        .map(|check| check.unless(accepted))
        .collect();
    match checks.iter().any(|check| check.class().is_some()) {
        true => Err(JobError::Checks(checks)),
        false => Ok(checks),
    }
}
