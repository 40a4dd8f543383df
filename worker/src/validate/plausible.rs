//! Whether a result is plausible beside the target's last commit.

use std::collections::{HashMap, HashSet};

use domain::checks::{Check, CheckName};
use domain::ledger::PreviousCommit;
use domain::manifest::{Balance, Manifest};
use domain::money::Amount;
use domain::tables::ContratoMemory;
use fold::Folded;
use store::FaturasDue;

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

/// An ERP that suddenly lists next to nothing is more likely broken than right.
pub fn plausible_target(now: &Manifest, previous: Option<&PreviousCommit>) -> Check {
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
pub fn plausible_window(now: &Manifest, held: FaturasDue) -> Check {
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
pub fn plausible_growth(now: &[ContratoMemory], before: &[ContratoMemory]) -> Check {
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
pub fn plausible_contratos(folded: &Folded, before: &[ContratoMemory]) -> Check {
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
