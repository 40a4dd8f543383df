//! The grid: a measure of each empreendimento, month by month.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use domain::month::Month;
use rust_decimal::Decimal;
use store::{Measure, Store, StoreError};
use strum::VariantArray as _;

use crate::cells::{Cell, CellState, Row, rows, totals};
use crate::error::{failed, not_found};
use crate::heat::Heat;
use crate::language::Language;
use crate::months::{asked_or_current, back, neighbours};
use crate::shell::{Place, Shell, page};
use crate::words::Words;

/// Months side by side.
const MONTHS: u32 = 12;

/// What is asked for; what cannot be read is as if it were not there.
#[derive(Debug, serde::Deserialize)]
pub struct Asked {
    measure: Option<String>,
    until: Option<String>,
    /// A part of the name or the code.
    q: Option<String>,
    /// Only empreendimentos with a figure in this state.
    state: Option<String>,
    /// `on` for colours by magnitude.
    heat: Option<String>,
}

#[derive(Template)]
#[template(path = "figures.html")]
struct Grid {
    shell: Shell,
    measure: Measure,
    q: String,
    state: Option<CellState>,
    heat: bool,
    months: Vec<Month>,
    rows: Vec<Row>,
    /// How many rows there are without the filter.
    all: usize,
    /// The classes of the colours, of all rows: a filter changes no colour.
    classes: Option<Heat>,
}

/// `/figures`.
pub async fn grid(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Query(asked): Query<Asked>,
) -> Response {
    let measure = asked.measure.and_then(|name| name.parse().ok());
    let measure = measure.unwrap_or(Measure::Actual);
    let until = asked_or_current(asked.until.as_deref());
    let Some(first) = back(until, MONTHS - 1) else {
        return not_found(Extension(shell)).await;
    };
    let months: Vec<_> = Month::touched(first.first_day(), until.first_day()).collect();
    let mut rows = match read(&*store, measure, &months).await {
        Ok(rows) => rows,
        Err(error) => return failed(shell, error),
    };
    let all = rows.len();
    let heat = asked.heat.as_deref() == Some("on");
    let classes = match heat {
        true => coloured(&mut rows),
        false => None,
    };
    let q = asked.q.unwrap_or_default().trim().to_owned();
    let state: Option<CellState> = asked.state.and_then(|name| name.parse().ok());
    rows.retain(|row| row.is_called(&q) && state.is_none_or(|state| row.has(state)));
    let grid = Grid {
        shell: shell.at(Place::Figures),
        measure,
        q,
        state,
        heat,
        months,
        rows,
        all,
        classes,
    };
    page(StatusCode::OK, &grid)
}

async fn read(
    store: &dyn Store,
    measure: Measure,
    months: &[Month],
) -> Result<Vec<Row>, StoreError> {
    let (first, last) = (months[0], months[months.len() - 1]);
    // Before the figures: one that is committed in between is told as older than it is, and not as newer.
    let pending = store.pending_months(None, first, last).await?;
    let figures = store.monthly_figures(measure, first, last).await?;
    Ok(rows(months, figures, pending))
}

/// Gives each figure its class of magnitude.
fn coloured(rows: &mut [Row]) -> Option<Heat> {
    let cells = || rows.iter().flat_map(|row| &row.cells);
    let heat = Heat::of(cells().filter_map(|cell| cell.value))?;
    for cell in rows.iter_mut().flat_map(|row| &mut row.cells) {
        cell.heat = cell.value.and_then(|value| heat.class(value));
    }
    Some(heat)
}

impl Grid {
    fn number(&self, value: &Option<Decimal>) -> String {
        let number = |value: &Decimal| self.shell.language.number(&value.to_string());
        value.as_ref().map(number).unwrap_or_default()
    }

    /// The last month of the grid.
    fn until(&self) -> Month {
        self.months[self.months.len() - 1]
    }

    /// The last month of the grid before this one, and of the one after.
    fn neighbours(&self) -> [Option<Month>; 2] {
        neighbours(self.until(), MONTHS)
    }

    /// The sum of each month.
    fn totals(&self) -> Vec<Cell> {
        totals(&self.rows, self.months.len())
    }

    fn is_asked(&self, state: &CellState) -> bool {
        self.state == Some(*state)
    }

    fn is_filtered(&self) -> bool {
        !self.q.is_empty() || self.state.is_some()
    }

    /// What an export of the table and the months has, whatever the filter.
    fn exported(&self) -> String {
        let (table, _) = self.measure.column();
        format!("table={table}&months={}..{}", self.months[0], self.until())
    }

    /// How many rows of how many the filter shows.
    fn shown(&self) -> String {
        let (shown, all) = (self.rows.len(), self.all);
        match self.shell.language {
            Language::Portuguese => format!("{shown} de {all} empreendimentos."),
            Language::English => format!("{shown} of {all} empreendimentos."),
        }
    }

    /// The states that figures of the grid are in, for its legend.
    fn states(&self) -> Vec<CellState> {
        let mut states = CellState::VARIANTS.to_vec();
        states.retain(|state| self.rows.iter().any(|row| row.has(*state)));
        states
    }
}

/// What a measure is called.
pub const fn name(measure: &Measure, words: &'static Words) -> &'static str {
    match measure {
        Measure::Forecast => words.forecast,
        Measure::Actual => words.actual,
        Measure::Overdue => words.overdue,
        Measure::Vp => words.vp,
        Measure::Ltv => words.ltv,
    }
}

/// What a state of a figure is called, what it means, and what a filter for it is called.
pub const fn state_words(state: &CellState, words: &'static Words) -> [&'static str; 3] {
    match state {
        CellState::Stale => [words.stale, words.stale_means, words.with_stale],
        CellState::Failed => [
            words.cell_failed,
            words.cell_failed_means,
            words.with_failed,
        ],
    }
}
