//! What a comparison found, added up. No I/O.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use rust_decimal::Decimal;
use serde::Serialize;
use store::{ComparedTable, FigureKind};

use super::cause::Cause;
use super::cell::{Cell, State};
use super::part::{Part, number};
use crate::render::reais_of;

/// Counts of cells of a table, by how they stand.
#[derive(Debug, Default, Serialize)]
pub struct Cells {
    /// All.
    pub compared: u64,
    /// Equal.
    pub equal: u64,
    /// The key is ours alone.
    pub only_ours: u64,
    /// The key is theirs alone.
    pub only_theirs: u64,
    /// The key is on one side alone, with zeros.
    pub zero: u64,
    /// Different.
    pub different: u64,
    /// Of those not equal, signed off.
    pub accepted: u64,
}

/// Sums of a figure over both sides, and what the causes make of the difference.
#[derive(Debug, Default, Serialize)]
pub struct Sums {
    /// Σ ours.
    pub ours: Decimal,
    /// Σ theirs.
    pub theirs: Decimal,
    /// Σ (ours − theirs) of equal cells, each within the tolerance.
    pub within_tolerance: Decimal,
    /// Σ (ours − theirs) over the causes.
    pub explained: Decimal,
}

impl Sums {
    /// Whether the parts add up to the difference.
    fn add_up(&self) -> bool {
        self.ours - self.theirs == self.within_tolerance + self.explained
    }
}

/// Differences added up: those of a cause in a table, or those of a month of a table.
#[derive(Debug, Default, Serialize)]
pub struct Differences {
    /// Cells with such a difference.
    pub cells: u64,
    /// Σ ours of them.
    pub ours: Decimal,
    /// Σ theirs of them.
    pub theirs: Decimal,
    /// Σ (ours − theirs).
    pub difference: Decimal,
    /// The largest of them, by key and figure.
    pub largest: String,
    #[serde(skip)]
    largest_by: Decimal,
}

impl Differences {
    fn add(&mut self, cell: &Cell, ours: Decimal, theirs: Decimal) {
        self.cells += 1;
        self.ours += ours;
        self.theirs += theirs;
        self.difference += ours - theirs;
        let by = (ours - theirs).abs();
        if self.largest.is_empty() || by > self.largest_by {
            self.largest = format!("{} {}", cell.key.join("|"), cell.figure);
            self.largest_by = by;
        }
    }

    /// In words, without what they are of.
    fn text(&self) -> String {
        let difference = reais_of(&self.difference.round_dp(2).to_string());
        let Self { cells, largest, .. } = self;
        format!("{cells:>7} cells, ours − theirs {difference}; the largest: {largest}")
    }
}

/// Months of both sides.
#[derive(Debug, Default, Serialize)]
pub struct Months {
    /// Compared.
    pub compared: Vec<String>,
    /// Ours alone has them.
    pub only_ours: Vec<String>,
    /// The old tables alone have them.
    pub only_theirs: Vec<String>,
}

/// What a comparison found. Its JSON form is the output of `compare --json`.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Which months were compared, and which are on one side alone.
    pub months: Months,
    /// By table.
    pub tables: BTreeMap<String, Cells>,
    /// By table and figure, of amounts.
    pub sums: BTreeMap<String, BTreeMap<&'static str, Sums>>,
    /// By cause and table.
    pub causes: BTreeMap<Cause, BTreeMap<String, Differences>>,
    /// By table and month, of the tables that have months.
    pub by_month: BTreeMap<String, BTreeMap<String, Differences>>,
    /// Cells not equal whose difference has no cause and is not signed off.
    pub unexplained: u64,
    /// Signed-off lines that no longer hold.
    pub no_longer: Vec<String>,
    /// Whether for each figure the sums over the causes are the difference, to the cent.
    pub adds_up: bool,
}

impl Report {
    /// Takes in a cell; `accepted` where a person has signed it off.
    pub fn add(&mut self, cell: &Cell, accepted: bool) {
        let table = cell.table.to_string();
        let cells = self.tables.entry(table.clone()).or_default();
        cells.compared += 1;
        *match cell.state {
            State::Equal => &mut cells.equal,
            State::OnlyOurs => &mut cells.only_ours,
            State::OnlyTheirs => &mut cells.only_theirs,
            State::Zero => &mut cells.zero,
            State::Different => &mut cells.different,
        } += 1;
        cells.accepted += u64::from(accepted);
        let has_no_cause = cell
            .parts
            .iter()
            .any(|part| part.cause == Cause::Unexplained);
        self.unexplained += u64::from(has_no_cause && !accepted);
        for part in &cell.parts {
            let of_cause = self.causes.entry(part.cause).or_default();
            let of_cause = of_cause.entry(table.clone()).or_default();
            of_cause.add(cell, part.ours, part.theirs);
        }
        let month = cell.table.month_of(&cell.key);
        if let Some(month) = month.filter(|_| !cell.parts.is_empty()) {
            let of_month = self.by_month.entry(table.clone()).or_default();
            let of_month = of_month.entry(month.to_owned()).or_default();
            let sum = |side: fn(&Part) -> Decimal| cell.parts.iter().map(side).sum();
            of_month.add(cell, sum(|part| part.ours), sum(|part| part.theirs));
        }
        if is_amount(cell.table, cell.figure) {
            let sums = self.sums.entry(table).or_default();
            let sums = sums.entry(cell.figure).or_default();
            let (ours, theirs) = (number(&cell.ours), number(&cell.theirs));
            sums.ours += ours;
            sums.theirs += theirs;
            match cell.state {
                State::Equal => sums.within_tolerance += ours - theirs,
                _ => {
                    let parts = cell.parts.iter();
                    sums.explained += parts.map(|part| part.ours - part.theirs).sum::<Decimal>();
                }
            }
        }
    }

    /// Checks itself, once every cell is in it.
    pub fn finish(&mut self, no_longer: Vec<String>) {
        self.no_longer = no_longer;
        let mut sums = self.sums.values().flat_map(BTreeMap::values);
        self.adds_up = sums.all(Sums::add_up);
    }

    /// The report for a person; ends with a line end.
    pub fn text(&self) -> String {
        let mut text = String::new();
        for (what, months) in [
            ("months compared", &self.months.compared),
            ("months of ours alone", &self.months.only_ours),
            ("months of the old tables alone", &self.months.only_theirs),
        ] {
            if let (Some(first), Some(last)) = (months.first(), months.last()) {
                _ = writeln!(text, "{what}: {}, {first} to {last}", months.len());
            }
        }
        _ = write!(
            text,
            "\n{:<24}{:>9}{:>9}{:>7}{:>8}{:>6}{:>6}\n",
            "table", "compared", "equal", "ours", "theirs", "zero", "diff"
        );
        for (table, cells) in &self.tables {
            _ = writeln!(
                text,
                "{table:<24}{:>9}{:>9}{:>7}{:>8}{:>6}{:>6}",
                cells.compared,
                cells.equal,
                cells.only_ours,
                cells.only_theirs,
                cells.zero,
                cells.different
            );
            for (figure, sums) in self.sums.get(table).into_iter().flatten() {
                let [ours, theirs, difference] = [sums.ours, sums.theirs, sums.ours - sums.theirs]
                    .map(|sum| reais_of(&sum.round_dp(2).to_string()));
                _ = writeln!(
                    text,
                    "  {figure:<22} ours {ours}, theirs {theirs}, ours − theirs {difference}"
                );
            }
        }
        if !self.causes.is_empty() {
            text.push_str("\ncauses of the differences:\n");
        }
        for (cause, tables) in &self.causes {
            for (table, found) in tables {
                let (cause, found) = (cause.to_string(), found.text());
                _ = writeln!(text, "  {cause:<15} {table:<24}{found}");
            }
        }
        if !self.by_month.is_empty() {
            text.push_str("\nmonths with differences:\n");
        }
        for (table, months) in &self.by_month {
            for (month, found) in months {
                _ = writeln!(text, "  {month:<15} {table:<24}{}", found.text());
            }
        }
        for line in &self.no_longer {
            _ = writeln!(text, "signed off and no longer so: {line}");
        }
        text.push_str(match (self.adds_up, self.unexplained) {
            (false, _) => "\nthis report is wrong: the causes do not add up to the differences\n",
            (true, 0) => "\nnothing is unexplained\n",
            (true, _) => "\nsomething is unexplained: a person must decide\n",
        });
        text
    }
}

fn is_amount(table: ComparedTable, figure: &str) -> bool {
    let mut figures = table.figures().iter();
    figures.any(|(name, kind)| *name == figure && *kind == FigureKind::Amount)
}
