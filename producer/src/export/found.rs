//! What an export comes across: counts, sums, months, and who wrote the cells. Grows with targets, runs
//! and months, not with cells.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::job::{RunId, Target};
use domain::month::Month;
use rust_decimal::Decimal;
use store::{Cell, FigureTable};

use super::table::target_of;

/// The cells of one table.
#[derive(Debug)]
pub struct TableFound {
    /// The table.
    pub table: FigureTable,
    /// How many.
    pub rows: u64,
    /// Exact sums, in the order of the table's columns.
    pub sums: Vec<Decimal>,
    /// Their months.
    pub months: BTreeSet<Month>,
}

/// What is known of a target whose cells are exported.
#[derive(Debug)]
pub struct TargetFound {
    /// What a person calls it.
    pub nome: String,
    /// When the newest of its cells became so.
    pub newest: DateTime<Utc>,
    /// The run that made it so.
    pub run: RunId,
}

/// All cells of an export.
#[derive(Debug, Default)]
pub struct Found {
    /// By table.
    pub tables: Vec<TableFound>,
    /// When the newest of them became so; absent without cells.
    pub newest: Option<DateTime<Utc>>,
    /// Their targets.
    pub targets: BTreeMap<Target, TargetFound>,
    /// How many of them a run made so, by run and target.
    pub written: BTreeMap<RunId, BTreeMap<Target, u64>>,
}

impl Found {
    /// Begins a table, which the following cells are of.
    pub fn begin(&mut self, table: FigureTable) {
        self.tables.push(TableFound {
            table,
            rows: 0,
            sums: vec![Decimal::ZERO; table.columns().len()],
            months: BTreeSet::new(),
        });
    }

    /// Counts a cell of the table that was begun last.
    pub fn add(&mut self, cell: &Cell) {
        let Some(of) = self.tables.last_mut() else {
            return;
        };
        of.rows += 1;
        of.months.insert(cell.key.ref_month);
        for (sum, value) in of.sums.iter_mut().zip(&cell.values) {
            *sum += *value;
        }
        self.newest = self.newest.max(Some(cell.at));
        let Some(target) = target_of(of.table, cell) else {
            return;
        };
        // No name is copied for a cell, but for the first and the newest ones.
        match self.written.get_mut(&cell.run) {
            Some(targets) => *targets.entry(target).or_default() += 1,
            None => {
                let targets = self.written.entry(cell.run.clone()).or_default();
                targets.insert(target, 1);
            }
        }
        match self.targets.get_mut(&target) {
            Some(known) if known.newest < cell.at => {
                known.newest = cell.at;
                known.run = cell.run.clone();
            }
            Some(_) => {}
            None => {
                let first = TargetFound {
                    nome: nome_of(target, cell),
                    newest: cell.at,
                    run: cell.run.clone(),
                };
                self.targets.insert(target, first);
            }
        }
    }

    /// Rows of all tables.
    pub fn rows(&self) -> u64 {
        self.tables.iter().map(|table| table.rows).sum()
    }

    /// The first and the last month of any table; `None` without cells.
    pub fn months(&self) -> Option<(Month, Month)> {
        let first = self.tables.iter().filter_map(|of| of.months.first()).min();
        let last = self.tables.iter().filter_map(|of| of.months.last()).max();
        first.copied().zip(last.copied())
    }
}

fn nome_of(target: Target, cell: &Cell) -> String {
    match target {
        Target::Empreendimento(_) => cell.nome.clone(),
        Target::SaidasCaixa => "Saídas de caixa".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use store::CellKey;

    use super::*;

    #[test]
    fn cells_are_added_up_and_who_wrote_them_is_kept() {
        let mut found = Found::default();
        found.begin(FigureTable::EntradasCaixa);
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        for (owner, month, run, when, cents) in [
            (
                1471,
                "2026-01",
                "20260201-000000-aaaaaa",
                "2026-02-01T03:00:00Z",
                1,
            ),
            (
                1471,
                "2026-02",
                "20260301-000000-bbbbbb",
                "2026-03-01T03:00:00Z",
                2,
            ),
            (
                1472,
                "2026-01",
                "20260201-000000-aaaaaa",
                "2026-02-01T04:00:00Z",
                3,
            ),
        ] {
            found.add(&Cell {
                key: CellKey {
                    owner,
                    ref_month: month.parse().unwrap(),
                    category: "ativos".to_owned(),
                },
                nome: "Água".to_owned(),
                values: vec![Decimal::new(cents, 2), Decimal::ZERO],
                run: run.parse().unwrap(),
                at: at(when),
                as_of: None,
            });
        }
        assert_eq!(found.rows(), 3);
        assert_eq!(found.tables[0].sums, [Decimal::new(6, 2), Decimal::ZERO]);
        assert_eq!(found.newest, Some(at("2026-03-01T03:00:00Z")));
        let months = found
            .months()
            .map(|(first, last)| format!("{first} {last}"));
        assert_eq!(months.as_deref(), Some("2026-01 2026-02"));
        let targets: Vec<_> = found
            .targets
            .iter()
            .map(|(target, of)| format!("{target} {}", of.run))
            .collect();
        assert_eq!(
            targets,
            ["1471 20260301-000000-bbbbbb", "1472 20260201-000000-aaaaaa"]
        );
        let written: Vec<_> = found.written.values().map(BTreeMap::len).collect();
        assert_eq!(written, [2, 1]);
    }
}
