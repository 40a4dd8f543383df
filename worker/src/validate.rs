//! What must hold before a result is committed, check by check.
//!
//! The figures may be exact and still wrong, when what the ERP sent is not whole, does not belong
//! here, comes twice or is hardly true. Every check is made, so that a person sees all that is
//! wrong at once; each is recorded with the attempt, passed or not. What each expects, and what its
//! failure means, stands in [`domain::checks`].

use std::collections::{HashMap, HashSet};

use domain::checks::{Acceptance, Check, CheckName};
use domain::ledger::PreviousCommit;
use domain::manifest::{Balance, Manifest, main_reason};
use domain::money::Amount;
use domain::tables::ContratoMemory;
use store::FaturasDue;

use crate::cash_out::{CashOut, FaturaFindings};
use crate::error::JobError;
use fold::{Findings, Folded, Sampled, field_of};

/// Counts below this are too small for a fall by half to mean anything.
const FALL_FLOOR_RECORDS: u64 = 10;
/// The same for amounts.
const FALL_FLOOR: Amount = Amount::from_centavos(1_000);
/// Parcelas below this are too few for their doubling to mean anything.
const GROWTH_FLOOR_PARCELAS: u64 = 100;
/// The same for amounts.
const GROWTH_FLOOR: Amount = Amount::from_centavos(10_000_000);
/// A contrato with more parcelas than this does not lose them all without an end of its own.
const CONTRATO_FLOOR: u64 = 10;

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
            plausible_target(manifest, previous),
            plausible_growth(&folded.result.memory, memory),
            plausible_contratos(folded, memory),
        ],
        accepted,
    )
}

/// Checks a window's payables against themselves, and against what the table holds for the same
/// window.
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

fn whole(manifest: &Manifest) -> Check {
    let (listed, fetched) = (manifest.contratos_listed, manifest.contratos_fetched);
    let observed = format!("{fetched} of {listed} contratos fetched");
    match listed == fetched {
        true => Check::passed(CheckName::Whole, observed),
        false => Check::failed(CheckName::Whole, observed, vec![]),
    }
}

/// A period without an answer has failed the job already.
fn periods_answered(findings: &FaturaFindings) -> Check {
    let periods = findings.periods;
    Check::passed(CheckName::Whole, format!("{periods} periods answered"))
}

/// A contrato that cannot be read has failed the job already; a date of signature is left to note.
fn readable_contratos(findings: &Findings) -> Check {
    let Sampled { tally, samples } = &findings.assinatura_unreadable;
    let name = CheckName::ReadableContratos;
    match tally.count {
        0 => Check::passed(name, format!("{} contratos read", findings.contratos)),
        unknown => Check::noted(
            name,
            format!("data_assinatura of {unknown} contratos cannot be read: unknown"),
        )
        .with_samples(samples),
    }
}

fn readable(name: CheckName, manifest: &Manifest, sampled: &Sampled) -> Check {
    let (read, rejected) = (manifest.records_read, sampled.tally.count);
    if rejected == 0 {
        return Check::passed(name, format!("{read} read, none rejected"));
    }
    let reason = main_reason(&manifest.rejected);
    let observed = format!("{rejected} of {read} rejected, mostly {reason}");
    let check = match rejected * 100 > read {
        true => Check::failed(name, observed, vec![field_of(&reason)]),
        false => Check::noted(name, observed),
    };
    check.with_samples(&sampled.samples)
}

fn belongs(findings: &Findings) -> Check {
    let Sampled { tally, samples } = &findings.foreign;
    let (foreign, listed) = (tally.count, findings.contratos);
    let observed = format!("{foreign} of {listed} contratos are of another empreendimento");
    let check = match foreign {
        0 => Check::passed(CheckName::Belongs, observed),
        2.. if foreign * 100 > listed => Check::failed(CheckName::Belongs, observed, vec![]),
        _ => Check::noted(CheckName::Belongs, format!("{observed}, left out")),
    };
    check.with_samples(samples)
}

fn once(what: &str, repeated: &[(&str, &Sampled)]) -> Check {
    noted_if_any(CheckName::Once, &format!("{what} come once"), repeated)
}

fn placed(findings: &Findings) -> Check {
    let parcelas = &findings.parcelas;
    noted_if_any(
        CheckName::Placed,
        "every parcela has its dates",
        &[
            (
                "parcelas without data_vencimento, which count for vp alone",
                &parcelas.without_due_date,
            ),
            (
                "paid parcelas without data_baixa or vlr_pago, in no month of actual",
                &parcelas.unplaced,
            ),
        ],
    )
}

fn noted_if_any(name: CheckName, otherwise: &str, found: &[(&str, &Sampled)]) -> Check {
    let found = || found.iter().filter(|(_, sampled)| sampled.tally.count > 0);
    let told: Vec<_> = found()
        .map(|(what, Sampled { tally, .. })| {
            format!("{} {what} (R$ {})", tally.count, tally.amount)
        })
        .collect();
    match told.is_empty() {
        true => Check::passed(name, otherwise),
        false => Check::noted(name, told.join("; "))
            .with_samples(found().flat_map(|(_, sampled)| &sampled.samples)),
    }
}

fn balanced(name: CheckName, manifest: &Manifest, measure: &str) -> Check {
    let balance = manifest.balances.get(measure).copied().unwrap_or_default();
    let (source, accounted) = (balance.source, balance.accounted());
    let observed = format!("R$ {source} read, {accounted} accounted for");
    match source == accounted {
        true => Check::passed(name, observed),
        false => Check::failed(name, observed, vec![]),
    }
}

/// An ERP that suddenly lists next to nothing is more likely broken than right.
fn plausible_target(now: &Manifest, previous: Option<&PreviousCommit>) -> Check {
    let name = CheckName::PlausibleTarget;
    let Some(PreviousCommit { manifest, .. }) = previous else {
        return Check::passed(name, "no commit before to compare with");
    };
    let mut falls = Falls::default();
    falls.records("contratos", manifest.contratos_listed, now.contratos_listed);
    falls.records("parcelas", manifest.records_counted, now.records_counted);
    // What comes twice is no part of either.
    let counting = |balance: Balance| balance.source - balance.not_counted;
    for (measure, before) in &manifest.balances {
        let now = now.balances.get(measure).copied().unwrap_or_default();
        falls.amount(measure, counting(*before), counting(now));
    }
    falls.check(name, "nothing fell by more than half")
}

/// The same for payables, wherever earlier runs began or ended.
fn plausible_window(now: &Manifest, held: FaturasDue) -> Check {
    let name = CheckName::PlausibleWindow;
    let listed = now.balances.get("orcamento").copied().unwrap_or_default();
    let mut falls = Falls::default();
    falls.records("faturas", held.count, now.records_counted);
    falls.amount("orcamento", held.valor, listed.published);
    let counted = now.records_counted;
    let passed = format!("{counted} faturas listed, {} held before", held.count);
    falls.check(name, &passed)
}

/// What fell by more than half.
#[derive(Default)]
struct Falls {
    told: Vec<String>,
    subjects: Vec<String>,
}

impl Falls {
    fn records(&mut self, what: &str, before: u64, now: u64) {
        if before > FALL_FLOOR_RECORDS && now * 2 < before {
            self.add(what, format!("{what} fell from {before} to {now}"));
        }
    }

    fn amount(&mut self, what: &str, before: Amount, now: Amount) {
        if before > FALL_FLOOR && now.times(2) < before {
            self.add(what, format!("{what} fell from R$ {before} to {now}"));
        }
    }

    fn add(&mut self, what: &str, told: String) {
        self.subjects.push(what.to_owned());
        self.told.push(told);
    }

    fn check(self, name: CheckName, otherwise: &str) -> Check {
        match self.told.is_empty() {
            true => Check::passed(name, otherwise),
            false => Check::failed(name, self.told.join(", "), self.subjects),
        }
    }
}

/// New contratos make any figure grow; those that were there before hardly double.
fn plausible_growth(now: &[ContratoMemory], before: &[ContratoMemory]) -> Check {
    let name = CheckName::PlausibleGrowth;
    if before.is_empty() {
        return Check::passed(name, "no contratos remembered to compare with");
    }
    let now: HashMap<_, _> = now.iter().map(|one| (one.id, one)).collect();
    let (mut both, mut old, mut new) = (0, Totals::default(), Totals::default());
    for contrato in before {
        if let Some(same) = now.get(&contrato.id) {
            both += 1;
            old.add(contrato);
            new.add(same);
        }
    }
    let (mut told, mut subjects) = (Vec::new(), Vec::new());
    if old.parcelas > GROWTH_FLOOR_PARCELAS && new.parcelas > 2 * old.parcelas {
        told.push(format!(
            "parcelas grew from {} to {}",
            old.parcelas, new.parcelas
        ));
        subjects.push("parcelas".to_owned());
    }
    for (what, old, new) in [
        ("forecast", old.forecast, new.forecast),
        ("vp", old.vp, new.vp),
    ] {
        if old > GROWTH_FLOOR && new > old.times(2) {
            told.push(format!("{what} grew from R$ {old} to {new}"));
            subjects.push(what.to_owned());
        }
    }
    let of = format!("over {both} contratos of the last commit");
    match told.is_empty() {
        true => Check::passed(name, format!("{of}: nothing more than doubled")),
        false => Check::failed(name, format!("{of}: {}", told.join(", ")), subjects),
    }
}

/// What some contratos have together.
#[derive(Default)]
struct Totals {
    parcelas: u64,
    forecast: Amount,
    vp: Amount,
}

impl Totals {
    fn add(&mut self, contrato: &ContratoMemory) {
        self.parcelas += contrato.parcelas;
        self.forecast += contrato.forecast;
        self.vp += contrato.vp;
    }
}

/// A contrato's empty list is told from a true one by what it had before.
fn plausible_contratos(folded: &Folded, before: &[ContratoMemory]) -> Check {
    let name = CheckName::PlausibleContrato;
    let before: HashMap<_, _> = before.iter().map(|one| (one.id, one.parcelas)).collect();
    if before.is_empty() {
        return Check::passed(name, "no contratos remembered to compare with");
    }
    let result = &folded.result;
    let over: HashSet<_> = result
        .contratos
        .iter()
        .filter(|row| row.is_over())
        .map(|row| row.id)
        .collect();
    let (mut emptied, mut shortened) = (Vec::new(), Vec::new());
    for now in &result.memory {
        let had = before.get(&now.id).copied().unwrap_or_default();
        if had <= CONTRATO_FLOOR {
            continue;
        }
        match now.parcelas {
            0 if !over.contains(&now.id) => emptied.push(now.id.to_string()),
            left if left * 2 < had => shortened.push(now.id.to_string()),
            _ => {}
        }
    }
    emptied.sort();
    let observed = format!(
        "{} contratos have no parcelas any more, {} fewer than half",
        emptied.len(),
        shortened.len()
    );
    match (emptied.is_empty(), shortened.is_empty()) {
        (false, _) => {
            let samples = emptied.clone();
            Check::failed(name, observed, emptied).with_samples(samples)
        }
        (true, false) => Check::noted(name, observed).with_samples(shortened),
        (true, true) => Check::passed(name, observed),
    }
}

#[cfg(test)]
mod tests;
