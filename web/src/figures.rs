//! The grid: a measure of each empreendimento, month by month.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use domain::job::EmpreendimentoId;
use domain::ledger::{JobRecord, JobState};
use domain::month::Month;
use rust_decimal::Decimal;
use store::{Measure, MonthlyFigure, Store};
use strum::VariantArray as _;

use crate::error::{failed, not_found};
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
}

#[derive(Template)]
#[template(path = "figures.html")]
struct Grid {
    shell: Shell,
    measure: Measure,
    months: Vec<Month>,
    rows: Vec<Row>,
}

/// An empreendimento and its figures, one for each month.
struct Row {
    id: EmpreendimentoId,
    nome: String,
    figures: Vec<Option<Decimal>>,
    /// Of its job in the newest run, unless that is done.
    state: Option<JobState>,
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
    let mut months = vec![first];
    while months.len() < MONTHS as usize {
        months.push(months[months.len() - 1].next());
    }
    let found = async {
        let figures = store.monthly_figures(measure, first, until).await?;
        let jobs = match store.run(None).await? {
            Some(run) => store.jobs(&run.id).await?,
            None => Vec::new(),
        };
        Ok((figures, jobs))
    };
    let (figures, jobs) = match found.await {
        Ok(found) => found,
        Err(error) => return failed(shell, error),
    };
    let rows = rows(&months, figures, jobs);
    let grid = Grid {
        shell: shell.at(Place::Figures),
        measure,
        months,
        rows,
    };
    page(StatusCode::OK, &grid)
}

impl Grid {
    fn number(&self, figure: &Option<Decimal>) -> String {
        figure
            .map(|figure| self.shell.language.number(&figure.to_string()))
            .unwrap_or_default()
    }

    /// How an empreendimento that is not up to date is marked: the class of the style, a sign, a word.
    fn mark(&self, state: &JobState) -> (&'static str, &'static str, &'static str) {
        let words = self.shell.words();
        match state {
            JobState::Failed => ("bad", "✗", words.row_failed),
            _ => ("wait", "…", words.row_open),
        }
    }

    /// The last month of the grid before this one, and of the one after.
    fn neighbours(&self) -> [Option<Month>; 2] {
        neighbours(self.months[self.months.len() - 1], MONTHS)
    }

    /// The sum of each month.
    fn totals(&self) -> Vec<Option<Decimal>> {
        let total = |at: usize| self.rows.iter().filter_map(|row| row.figures[at]).sum();
        (0..self.months.len()).map(|at| Some(total(at))).collect()
    }
}

/// One row for each empreendimento that has figures, in the order that they come in, and for each that
/// the newest run has not brought up to date.
fn rows(months: &[Month], figures: Vec<MonthlyFigure>, jobs: Vec<JobRecord>) -> Vec<Row> {
    let at: BTreeMap<Month, usize> = months.iter().copied().zip(0..).collect();
    let mut rows: Vec<Row> = Vec::new();
    for figure in figures {
        if rows.last().is_none_or(|row| row.id != figure.id) {
            rows.push(Row {
                id: figure.id,
                nome: figure.nome,
                figures: vec![None; months.len()],
                state: None,
            });
        }
        let row = rows.last_mut().expect("there is one by now");
        if let Some(at) = at.get(&figure.month) {
            row.figures[*at] = Some(figure.value);
        }
    }
    let done = |job: &JobRecord| matches!(job.state, JobState::Done | JobState::Superseded);
    for job in jobs.into_iter().filter(|job| !done(job)) {
        let Some(id) = job.target.empreendimento() else {
            continue;
        };
        match rows.iter_mut().find(|row| row.id == id) {
            Some(row) => row.state = Some(job.state),
            None => rows.push(Row {
                id,
                nome: job.nome,
                figures: vec![None; months.len()],
                state: Some(job.state),
            }),
        }
    }
    rows
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
