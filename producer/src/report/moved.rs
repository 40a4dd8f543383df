//! The contratos that moved a figure between the last two commits of its empreendimento.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use domain::job::{ContratoId, Target};
use domain::ledger::AttemptRecord;
use domain::money::Amount;
use domain::month::Month;
use domain::tables::{ContratoMemory, Figure, Part};
use rust_decimal::Decimal;
use serde::Serialize;
use store::{FigureTable, Store};

use super::diff::FigureChange;
use super::opened::{is_of, unreadable};
use crate::error::CommandError;

/// A contrato that moved a figure.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ContratoMove {
    /// `cod_contrato`.
    pub contrato: ContratoId,
    /// Why, as far as the two commits tell.
    pub why: Movement,
    /// What it added before, unrounded.
    pub before: Amount,
    /// What it adds now, unrounded.
    pub after: Amount,
    /// After less before.
    pub difference: Amount,
}

/// Why a contrato adds another amount than before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, strum::Display)]
#[serde(rename_all = "kebab-case")]
pub enum Movement {
    /// It was not listed before.
    #[strum(to_string = "new")]
    New,
    /// It is not listed any more.
    #[strum(to_string = "gone")]
    Gone,
    /// More of it is paid.
    #[strum(to_string = "paid")]
    Paid,
    /// A payment is taken back, or is of another month or category.
    #[strum(to_string = "payment changed")]
    PaymentChanged,
    /// Its parcelas, or their amounts, are others.
    #[strum(to_string = "renegotiated")]
    Renegotiated,
    /// The same amounts are due in other months.
    #[strum(to_string = "due date moved")]
    DueDateMoved,
    /// Overdue for longer, or due by now.
    #[strum(to_string = "grew older")]
    GrewOlder,
    /// The ERP gives another present value.
    #[strum(to_string = "revalued")]
    Revalued,
}

/// What the contratos of each empreendimento added at its last two commits, read once.
pub struct Movements<'a> {
    store: &'a dyn Store,
    from: DateTime<Utc>,
    to: DateTime<Utc>,
    of_targets: HashMap<Target, Option<Commits>>,
}

/// The last two commits of an empreendimento.
struct Commits {
    generation: i64,
    before: BTreeMap<ContratoId, Parts>,
    after: BTreeMap<ContratoId, Parts>,
}

/// What a contrato adds.
struct Parts {
    memory: ContratoMemory,
    parts: Vec<Part>,
}

impl<'a> Movements<'a> {
    /// For figures that changed between two times.
    pub fn between(store: &'a dyn Store, from: DateTime<Utc>, to: DateTime<Utc>) -> Self {
        Self {
            store,
            from,
            to,
            of_targets: HashMap::new(),
        }
    }

    /// Adds the contratos that moved a figure, where the last two commits are what changed it and say so to
    /// the cent.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn explain(&mut self, figure: &mut FigureChange) -> Result<(), CommandError> {
        let opens = match figure.table {
            FigureTable::EntradasCaixa | FigureTable::Delinquency => true,
            FigureTable::EstatisticasPortfolio => figure.column == "vp",
            FigureTable::SaidasCaixa => false,
        };
        let Some(target) = figure.target().filter(|_| opens) else {
            return Ok(());
        };
        if !self.of_targets.contains_key(&target) {
            let commits = self.commits(target).await?;
            self.of_targets.insert(target, commits);
        }
        if let Some(Some(commits)) = self.of_targets.get(&target)
            && figure.generation == Some(commits.generation)
        {
            commits.explain(figure);
        }
        Ok(())
    }

    /// `None` where the two times are not around the last commit alone.
    async fn commits(&self, target: Target) -> Result<Option<Commits>, CommandError> {
        let last = self.store.last_commits(target, i64::MAX).await?;
        let [after, before] = last.as_slice() else {
            return Ok(None);
        };
        let ended = |commit: &AttemptRecord| commit.finished_at;
        let around = ended(before).is_some_and(|at| at <= self.from)
            && ended(after).is_some_and(|at| at > self.from && at <= self.to);
        if !around {
            return Ok(None);
        }
        // Of months that only one of the two covers a comparison would say nothing.
        let months: BTreeSet<Month> = before.params.months().collect();
        let both: BTreeSet<_> = after
            .params
            .months()
            .filter(|month| months.contains(month))
            .collect();
        Ok(Some(Commits {
            generation: after.generation,
            before: self.parts(target, before.generation, &both).await?,
            after: self.parts(target, after.generation, &both).await?,
        }))
    }

    async fn parts(
        &self,
        target: Target,
        generation: i64,
        months: &BTreeSet<Month>,
    ) -> Result<BTreeMap<ContratoId, Parts>, CommandError> {
        let mut all = BTreeMap::new();
        for memory in self.store.contratos_of_commit(target, generation).await? {
            let mut parts = memory.parts.read().map_err(unreadable)?;
            parts.retain(|part| months.contains(&part.month));
            all.insert(memory.id, Parts { memory, parts });
        }
        Ok(all)
    }
}

impl Commits {
    fn explain(&self, figure: &mut FigureChange) {
        let sides = [(&self.before, figure.before), (&self.after, figure.after)];
        for (contratos, value) in sides {
            let sum: Amount = contratos.values().map(|one| one.of(figure)).sum();
            if sum.round().to_decimal() != value.unwrap_or_default() {
                return;
            }
        }
        let ids: BTreeSet<_> = self
            .before
            .keys()
            .chain(self.after.keys())
            .copied()
            .collect();
        let mut moves: Vec<_> = ids
            .into_iter()
            .filter_map(|id| self.moved(id, figure))
            .collect();
        moves.sort_by_key(|one| std::cmp::Reverse(one.difference.abs()));
        let explained: Amount = moves.iter().map(|one| one.difference).sum();
        let rounding = amount_of(figure.difference) - explained;
        figure.rounding = Some(rounding).filter(|rest| !rest.is_zero());
        figure.contratos = Some(moves);
    }

    fn moved(&self, id: ContratoId, figure: &FigureChange) -> Option<ContratoMove> {
        let (old, new) = (self.before.get(&id), self.after.get(&id));
        let of = |side: Option<&Parts>| side.map(|parts| parts.of(figure)).unwrap_or_default();
        let (before, after) = (of(old), of(new));
        let difference = after - before;
        (!difference.is_zero()).then(|| ContratoMove {
            contrato: id,
            why: match (old, new) {
                (None, _) => Movement::New,
                (_, None) => Movement::Gone,
                (Some(old), Some(new)) => why(figure.column, old, new, difference),
            },
            before,
            after,
            difference,
        })
    }
}

impl Parts {
    /// What it adds to a figure.
    fn of(&self, figure: &FigureChange) -> Amount {
        if figure.column == "vp" {
            return self.memory.vp;
        }
        let parts = self.parts.iter().filter(|part| {
            part.month == figure.month
                && is_of(part.figure, figure.column, figure.category.as_deref())
        });
        parts.map(|part| part.amount).sum()
    }

    fn paid(&self) -> Amount {
        let paid = |part: &&Part| matches!(part.figure, Figure::Actual(_));
        self.parts.iter().filter(paid).map(|part| part.amount).sum()
    }

    /// What is due, by month.
    fn due(&self) -> BTreeMap<Month, Amount> {
        let mut due: BTreeMap<Month, Amount> = BTreeMap::new();
        for part in &self.parts {
            if let Figure::Forecast(_) = part.figure {
                *due.entry(part.month).or_default() += part.amount;
            }
        }
        due
    }
}

/// Why a contrato that both commits have adds another amount.
fn why(column: &str, old: &Parts, new: &Parts, difference: Amount) -> Movement {
    let of = |parts: &Parts| (parts.memory.parcelas, parts.memory.forecast);
    let renegotiated = of(old) != of(new);
    let moved = old.due() != new.due();
    match column {
        "actual" if difference.is_positive() => Movement::Paid,
        "actual" => Movement::PaymentChanged,
        "forecast" if renegotiated => Movement::Renegotiated,
        "forecast" => Movement::DueDateMoved,
        _ if new.paid() > old.paid() => Movement::Paid,
        _ if renegotiated => Movement::Renegotiated,
        _ if moved => Movement::DueDateMoved,
        "vp" => Movement::Revalued,
        _ => Movement::GrewOlder,
    }
}

fn amount_of(difference: Decimal) -> Amount {
    difference
        .to_string()
        .parse()
        .expect("a decimal is an amount")
}
