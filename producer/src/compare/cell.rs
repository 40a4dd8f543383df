//! One figure on both sides: whether they are equal, and if not why.

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use store::{ComparedTable, FigureKind, Line};

use super::cause::Cause;
use super::part::{Part, number};
use super::payables::Payments;

/// How the two sides of a cell stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Equal, as far as the kind of the figure asks.
    Equal,
    /// The key is ours alone.
    OnlyOurs,
    /// The key is theirs alone.
    OnlyTheirs,
    /// The key is on one side alone, and all its figures are zero.
    Zero,
    /// Different.
    Different,
}

/// A figure of both sides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cell {
    /// Its table.
    pub table: ComparedTable,
    /// Its key, with codes as the ERP writes them.
    pub key: Vec<String>,
    /// The figure's name.
    pub figure: &'static str,
    /// Ours.
    pub ours: Option<String>,
    /// Theirs.
    pub theirs: Option<String>,
    /// How they stand.
    pub state: State,
    /// Why they differ; the parts add up to the difference. None where they do not.
    pub parts: Vec<Part>,
}

/// What the causes are found by.
#[derive(Debug, Default)]
pub struct Context {
    /// Amounts that differ by no more are equal.
    pub tolerance: Decimal,
    /// Codes of empreendimentos and of filiais, of ours and of theirs.
    pub empreendimentos: [BTreeSet<String>; 2],
    /// The same of filiais.
    pub filiais: [BTreeSet<String>; 2],
    /// Our empreendimentos without an active contrato.
    pub inactive: BTreeSet<String>,
    /// Those with a contrato whose corrected values differ.
    pub corrected: BTreeSet<String>,
    /// Months that each side covers.
    pub months: [BTreeSet<String>; 2],
    /// What the payables give, where they have been read.
    pub payments: Payments,
}

/// The cells of a key.
pub fn cells(
    table: ComparedTable,
    ours: Option<&Line>,
    theirs: Option<&Line>,
    context: &Context,
) -> Vec<Cell> {
    let Some(line) = ours.or(theirs) else {
        return Vec::new();
    };
    let is_zero = ours.is_none() != theirs.is_none() && line.figures.iter().all(is_zero);
    let figures = table.figures().iter().enumerate();
    figures
        .map(|(at, (figure, kind))| {
            let value = |line: Option<&Line>| line.and_then(|line| line.figures[at].clone());
            let (our, their) = (value(ours), value(theirs));
            let state = match (ours, theirs) {
                _ if is_zero => State::Zero,
                (Some(_), None) => State::OnlyOurs,
                (None, _) => State::OnlyTheirs,
                (Some(_), Some(_)) if equal(*kind, &our, &their, context.tolerance) => State::Equal,
                (Some(_), Some(_)) => State::Different,
            };
            let parts = match state {
                State::Equal | State::Zero => Vec::new(),
                _ => parts(table, figure, ours, theirs, [&our, &their], context),
            };
            Cell {
                table,
                key: readable(table, &line.key),
                figure,
                ours: our,
                theirs: their,
                state,
                parts,
            }
        })
        .collect()
}

/// A key with its codes as the ERP writes them, without the zeros that they sort by.
fn readable(table: ComparedTable, key: &[String]) -> Vec<String> {
    let codes = if table == ComparedTable::Contratos {
        2
    } else {
        1
    };
    let parts = key.iter().enumerate();
    parts
        .map(|(at, part)| match at < codes {
            true => part.trim_start_matches('0').to_owned(),
            false => part.clone(),
        })
        .collect()
}

fn is_zero(figure: &Option<String>) -> bool {
    match figure {
        None => true,
        Some(text) => text.parse().is_ok_and(|number: Decimal| number.is_zero()),
    }
}

fn equal(
    kind: FigureKind,
    ours: &Option<String>,
    theirs: &Option<String>,
    tolerance: Decimal,
) -> bool {
    let near = |distance: Decimal| match (ours, theirs) {
        (None, None) => true,
        (Some(_), Some(_)) => (number(ours) - number(theirs)).abs() <= distance,
        _ => false,
    };
    match kind {
        FigureKind::Amount => near(tolerance),
        FigureKind::Tenths => near(Decimal::new(1, 1)),
        FigureKind::Count => ours.is_none() || theirs.is_none() || near(Decimal::ZERO),
        FigureKind::Text => {
            let trimmed = |text: &Option<String>| {
                let text = text
                    .as_deref()
                    .map(str::trim)
                    .filter(|text| !text.is_empty());
                text.map(str::to_owned)
            };
            trimmed(ours) == trimmed(theirs)
        }
    }
}

/// The parts of a difference: one with the first cause that holds, and of cash out those that its payables
/// give.
fn parts(
    table: ComparedTable,
    figure: &str,
    ours: Option<&Line>,
    theirs: Option<&Line>,
    values: [&Option<String>; 2],
    context: &Context,
) -> Vec<Part> {
    let [our, their] = values.map(number);
    let whole = |cause| {
        vec![Part {
            cause,
            ours: our,
            theirs: their,
        }]
    };
    if let Some(cause) = of_the_line(table, ours, theirs, context) {
        return whole(cause);
    }
    let code = ours.or(theirs).map_or("", |line| line.key[0].as_str());
    match (table, figure) {
        (ComparedTable::SaidasCaixa, _) => {
            let key = &ours.or(theirs).expect("a cell has a line").key;
            context.payments.parts(key, figure, our, their)
        }
        (ComparedTable::EstatisticasPortfolio | ComparedTable::Inadimplencia, _)
            if context.inactive.contains(code) =>
        {
            whole(Cause::Inactive)
        }
        (_, "is_active") => whole(Cause::Activity),
        (_, "valor_atualizado_ipca") => whole(Cause::Ipca),
        (_, "ltv") if context.corrected.contains(code) => whole(Cause::Ipca),
        _ => whole(Cause::Unexplained),
    }
}

/// The cause that holds for a whole line.
fn of_the_line(
    table: ComparedTable,
    ours: Option<&Line>,
    theirs: Option<&Line>,
    context: &Context,
) -> Option<Cause> {
    use ComparedTable::{FaturasPagar, Filiais, SaidasCaixa};
    let line = ours.or(theirs)?;
    let lacks = |month| context.months.iter().any(|months| !months.contains(month));
    if table.month_of(&line.key).is_some_and(lacks) {
        return Some(Cause::Window);
    }
    let codes = match table {
        Filiais | SaidasCaixa | FaturasPagar => &context.filiais,
        _ => &context.empreendimentos,
    };
    let [in_ours, in_theirs] = [0, 1].map(|side| codes[side].contains(&line.key[0]));
    if !in_ours {
        return Some(Cause::NotListed);
    }
    // Of cash out the payables say it better.
    let by_payables = matches!(table, SaidasCaixa | FaturasPagar);
    if !in_theirs && !by_payables {
        return Some(Cause::NewCode);
    }
    let days = ours
        .and_then(|line| line.day)
        .zip(theirs.and_then(|line| line.day));
    days.is_some_and(|(our, their)| our != their)
        .then_some(Cause::Moved)
}

#[cfg(test)]
mod tests;
