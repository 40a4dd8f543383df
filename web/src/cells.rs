//! The rows of the grid: figures, and whether each is that of the newest run that covers its month.

use std::collections::HashMap;

use domain::job::EmpreendimentoId;
use domain::ledger::JobState;
use domain::month::Month;
use rust_decimal::Decimal;
use store::{MonthlyFigure, PendingMonth};

use crate::search::folded;

/// Why a figure is not that of the newest run that covers its month.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum CellState {
    /// That run has not committed it yet.
    Stale,
    /// Its job in that run failed.
    Failed,
}

impl CellState {
    /// Of a month whose newest job is not done.
    pub const fn of(job: JobState) -> Self {
        match job {
            JobState::Failed => Self::Failed,
            JobState::Queued
            | JobState::Running
            | JobState::Retrying
            | JobState::Deferred
            | JobState::Done
            | JobState::Superseded
            | JobState::Cancelled => Self::Stale,
        }
    }

    /// Its name in addresses and in the style.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A figure of an empreendimento in a month.
#[derive(Debug, Default, Clone, Copy, PartialEq)]
pub struct Cell {
    /// The figure, where there is one.
    pub value: Option<Decimal>,
    /// Nothing where it is fresh.
    pub state: Option<CellState>,
    /// Its class of magnitude, where colours are asked for.
    pub heat: Option<usize>,
}

impl Cell {
    /// The classes of the style; none of a fresh figure without a colour.
    pub fn class(&self) -> Option<String> {
        match (self.state, self.heat) {
            (None, None) => None,
            (Some(state), None) => Some(state.name().to_owned()),
            (None, Some(class)) => Some(format!("h{class}")),
            (Some(state), Some(class)) => Some(format!("{} h{class}", state.name())),
        }
    }
}

/// An empreendimento and its figures, one for each month.
#[derive(Debug, PartialEq)]
pub struct Row {
    /// Its code.
    pub id: EmpreendimentoId,
    /// Its name.
    pub nome: String,
    /// Its figures.
    pub cells: Vec<Cell>,
}

impl Row {
    /// Whether a figure is in a state.
    pub fn has(&self, state: CellState) -> bool {
        self.cells.iter().any(|cell| cell.state == Some(state))
    }

    /// Whether the name or the code contains what a person typed.
    pub fn is_called(&self, typed: &str) -> bool {
        folded(&self.nome).contains(&folded(typed)) || self.id.to_string().contains(typed)
    }
}

/// One row for each empreendimento that has figures, or whose figures are due, by name.
pub fn rows(months: &[Month], figures: Vec<MonthlyFigure>, pending: Vec<PendingMonth>) -> Vec<Row> {
    let place: HashMap<Month, usize> = months.iter().copied().zip(0..).collect();
    let mut rows: HashMap<EmpreendimentoId, Row> = HashMap::new();
    let mut cell = |id, nome: String, month, change: &dyn Fn(&mut Cell)| {
        let row = rows.entry(id).or_insert_with(|| Row {
            id,
            nome,
            cells: vec![Cell::default(); months.len()],
        });
        if let Some(cell) = place.get(&month).and_then(|at| row.cells.get_mut(*at)) {
            change(cell);
        }
    };
    for figure in figures {
        cell(figure.id, figure.nome, figure.month, &|cell| {
            cell.value = Some(figure.value)
        });
    }
    for one in pending {
        let state = CellState::of(one.state);
        cell(one.id, one.nome, one.month, &|cell| {
            cell.state = Some(state)
        });
    }
    let mut rows: Vec<Row> = rows.into_values().collect();
    rows.sort_by_cached_key(|row| (folded(&row.nome), row.id));
    rows
}

/// The sums of some rows, month by month; each as fresh as the least fresh of its figures.
pub fn totals(rows: &[Row], months: usize) -> Vec<Cell> {
    let of_month = |at: usize| rows.iter().map(move |row| row.cells[at]);
    let total = |at: usize| Cell {
        value: Some(of_month(at).filter_map(|cell| cell.value).sum()),
        state: of_month(at).filter_map(|cell| cell.state).max(),
        heat: None,
    };
    (0..months).map(total).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(id: i64) -> EmpreendimentoId {
        id.try_into().unwrap()
    }

    fn figure(of: i64, nome: &str, month: &str, value: i64) -> MonthlyFigure {
        MonthlyFigure {
            id: id(of),
            nome: nome.to_owned(),
            month: month.parse().unwrap(),
            value: value.into(),
        }
    }

    fn pending(of: i64, nome: &str, month: &str, state: JobState) -> PendingMonth {
        PendingMonth {
            id: id(of),
            nome: nome.to_owned(),
            month: month.parse().unwrap(),
            state,
        }
    }

    fn made() -> Vec<Row> {
        let months = ["2026-01", "2026-02"].map(|month| month.parse().unwrap());
        rows(
            &months,
            vec![
                figure(12, "Zênite", "2026-01", 1),
                figure(7, "Água", "2026-02", 20),
                figure(12, "Zênite", "2026-02", 300),
            ],
            vec![
                pending(12, "Zênite", "2026-02", JobState::Running),
                pending(7, "Água", "2026-02", JobState::Failed),
                pending(9, "Brisa", "2026-01", JobState::Queued),
            ],
        )
    }

    #[test]
    fn each_figure_has_its_state_and_each_row_its_place() {
        let rows = made();
        let ids: Vec<_> = rows.iter().map(|row| row.id.get()).collect();
        assert_eq!(ids, [7, 9, 12]);
        let cell = |value: Option<i64>, state| Cell {
            value: value.map(Decimal::from),
            state,
            heat: None,
        };
        assert_eq!(
            rows[0].cells,
            [cell(None, None), cell(Some(20), Some(CellState::Failed))]
        );
        assert_eq!(
            rows[1].cells,
            [cell(None, Some(CellState::Stale)), cell(None, None)]
        );
        assert_eq!(
            rows[2].cells,
            [cell(Some(1), None), cell(Some(300), Some(CellState::Stale))]
        );
    }

    #[test]
    fn a_total_is_as_fresh_as_its_least_fresh_figure() {
        let totals = totals(&made(), 2);
        assert_eq!(totals[0].value, Some(1.into()));
        assert_eq!(totals[0].state, Some(CellState::Stale));
        assert_eq!(totals[1].value, Some(320.into()));
        assert_eq!(totals[1].state, Some(CellState::Failed));
    }

    #[test]
    fn a_row_is_found_by_its_name_or_its_code() {
        let rows = made();
        let called = |typed: &str| {
            let found = rows.iter().filter(|row| row.is_called(typed));
            found.map(|row| row.id.get()).collect::<Vec<_>>()
        };
        assert_eq!(called("AGUA"), [7]);
        assert_eq!(called("zenite"), [12]);
        assert_eq!(called("2"), [12]);
        assert_eq!(called(""), [7, 9, 12]);
        assert_eq!(called("x"), [0; 0]);
    }
}
