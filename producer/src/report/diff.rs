//! The figures that differ between two times, or from what was signed off.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::job::{EmpreendimentoId, RunId, Target};
use domain::money::Amount;
use domain::month::Month;
use rust_decimal::Decimal;
use serde::Serialize;
use store::{CellChange, FigureTable, Store};

use super::moment::Moment;
use super::moved::{ContratoMove, Movements};
use super::runs::find_run;
use crate::error::CommandError;

/// What is compared.
#[derive(Debug, Clone)]
pub enum Between {
    /// Two times: from, to.
    Times(DateTime<Utc>, DateTime<Utc>),
    /// What was signed off, and now.
    CloseAndNow,
}

/// Which figures are asked for.
#[derive(Debug, Clone, Default)]
pub struct DiffFilter {
    /// Of this empreendimento alone.
    pub empreendimento: Option<EmpreendimentoId>,
    /// Of this month alone.
    pub month: Option<Month>,
    /// Amounts that differ by at least this much; figures that are no amounts are left out then.
    pub min: Option<Decimal>,
    /// Open so many of the largest to their contratos.
    pub top: usize,
}

/// The output of `diff --json`, whose field names stay.
#[derive(Debug, Serialize)]
pub struct Diff {
    /// How the figures stood before; absent where it is what was signed off.
    pub from: Option<DateTime<Utc>>,
    /// How they stood after.
    pub to: DateTime<Utc>,
    /// The figures that differ: amounts first, the largest difference first.
    pub figures: Vec<FigureChange>,
    /// Differences of amounts, by table, column and month.
    pub totals: Vec<DiffTotal>,
}

/// A figure that differs.
#[derive(Debug, Clone, Serialize)]
pub struct FigureChange {
    /// The table.
    pub table: FigureTable,
    /// Code of the empreendimento; of cash out, of the filial.
    pub code: i64,
    /// What it is called now.
    pub nome: String,
    /// The month.
    pub month: Month,
    /// `category` of cash in, `categoria` of cash out.
    pub category: Option<String>,
    /// The column.
    pub column: &'static str,
    /// Before; absent where there was no row.
    pub before: Option<Decimal>,
    /// After; absent where there is no row.
    pub after: Option<Decimal>,
    /// After less before.
    pub difference: Decimal,
    /// The run that last changed it.
    pub run: RunId,
    /// When.
    pub at: DateTime<Utc>,
    /// The attempt of that run; absent for an import.
    pub generation: Option<i64>,
    /// The contratos that moved it, the largest first; absent where they are not known.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contratos: Option<Vec<ContratoMove>>,
    /// What the contratos' differences lack, because figures are rounded and parts are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rounding: Option<Amount>,
}

/// The differences of a column in a month, added up.
#[derive(Debug, Serialize)]
pub struct DiffTotal {
    /// The table.
    pub table: FigureTable,
    /// Its column.
    pub column: &'static str,
    /// The month.
    pub month: Month,
    /// How many figures differ.
    pub figures: usize,
    /// Σ of the differences.
    pub difference: Decimal,
}

impl FigureChange {
    /// Whether it is an amount: ratios, lengths of time and counts do not add up.
    pub fn is_amount(&self) -> bool {
        is_amount(self.column)
    }

    /// What the figure is of.
    pub fn target(&self) -> Option<Target> {
        match self.table {
            FigureTable::SaidasCaixa => Some(Target::SaidasCaixa),
            _ => EmpreendimentoId::try_from(self.code)
                .ok()
                .map(Target::Empreendimento),
        }
    }
}

fn is_amount(column: &str) -> bool {
    !matches!(
        column,
        "ltv" | "prazo_medio" | "duration" | "total_contracts" | "active_contracts"
    )
}

/// From before the newest run to now, unless either is said otherwise; without `from`, from before the
/// run that `to` names.
///
/// # Errors
/// When there is no such run, or the database fails.
pub async fn times(
    store: &dyn Store,
    from: Option<&Moment>,
    to: Option<&Moment>,
) -> Result<Between, CommandError> {
    let end = match to {
        Some(to) => to.resolve(store).await?,
        None => Utc::now(),
    };
    let begin = match (from, to) {
        (Some(from), _) => from.resolve(store).await?,
        (None, Some(Moment::Run(run))) => find_run(store, Some(run)).await?.created_at,
        (None, _) => find_run(store, None).await?.created_at,
    };
    Ok(Between::Times(begin, end))
}

/// The figures that differ.
///
/// # Errors
/// When the database fails.
pub async fn diff(
    store: &dyn Store,
    between: &Between,
    filter: &DiffFilter,
) -> Result<Diff, CommandError> {
    let of = filter.empreendimento.map(Target::Empreendimento);
    let (from, to, changes) = match between {
        Between::Times(from, to) => (Some(*from), *to, store.changes(*from, *to, of).await?),
        Between::CloseAndNow => (None, Utc::now(), store.since_close(filter.month).await?),
    };
    let mut figures: Vec<_> = changes
        .iter()
        .flat_map(figures_of)
        .filter(|figure| filter.takes(figure))
        .collect();
    figures.sort_by(|a, b| {
        let size = |one: &FigureChange| (one.is_amount(), one.difference.abs());
        size(b).cmp(&size(a))
    });
    if let Some(from) = from {
        let mut movements = Movements::between(store, from, to);
        for figure in figures.iter_mut().take(filter.top) {
            movements.explain(figure).await?;
        }
    }
    Ok(Diff {
        from,
        to,
        totals: totals(&figures),
        figures,
    })
}

impl DiffFilter {
    fn takes(&self, figure: &FigureChange) -> bool {
        let of = match self.empreendimento {
            None => true,
            Some(id) => figure.target() == Some(Target::Empreendimento(id)),
        };
        let large = match self.min {
            None => true,
            Some(min) => figure.is_amount() && figure.difference.abs() >= min,
        };
        of && large && self.month.is_none_or(|month| month == figure.month)
    }
}

/// The figures of a cell that differ.
pub(super) fn figures_of(change: &CellChange) -> impl Iterator<Item = FigureChange> {
    let columns = change.table.columns().iter().enumerate();
    columns.filter_map(|(place, (column, _))| {
        let of = |values: &Option<Vec<Decimal>>| values.as_ref()?.get(place).copied();
        let (before, after) = (of(&change.before), of(&change.after));
        (before != after).then(|| FigureChange {
            table: change.table,
            code: change.key.owner,
            nome: change.nome.clone(),
            month: change.key.ref_month,
            category: Some(change.key.category.clone()).filter(|name| !name.is_empty()),
            column,
            before,
            after,
            difference: after.unwrap_or_default() - before.unwrap_or_default(),
            run: change.run.clone(),
            at: change.at,
            generation: change.generation,
            contratos: None,
            rounding: None,
        })
    })
}

fn totals(figures: &[FigureChange]) -> Vec<DiffTotal> {
    let mut totals: BTreeMap<(FigureTable, &'static str, Month), (usize, Decimal)> =
        BTreeMap::new();
    for figure in figures.iter().filter(|figure| figure.is_amount()) {
        let key = (figure.table, figure.column, figure.month);
        let (count, sum) = totals.entry(key).or_default();
        *count += 1;
        *sum += figure.difference;
    }
    totals
        .into_iter()
        .map(
            |((table, column, month), (figures, difference))| DiffTotal {
                table,
                column,
                month,
                figures,
                difference,
            },
        )
        .collect()
}
