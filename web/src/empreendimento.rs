//! The figures of one empreendimento month by month, now or as they stood.

use std::collections::BTreeMap;
use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use domain::job::EmpreendimentoId;
use domain::month::Month;
use producer::error::CommandError;
use producer::report::{end_of_day, explanation, standing};
use rust_decimal::Decimal;
use store::{PublishedRow, Store, StoreError};

use crate::cells::CellState;
use crate::chart::{Chart, Series};
use crate::error::{not_found, refused};
use crate::months::asked_day;
use crate::shell::{Place, Shell, page};

/// What is asked for; what cannot be read is as if it were not there.
#[derive(Debug, serde::Deserialize)]
pub struct Asked {
    /// The figures as they stood at the end of this day.
    pub as_of: Option<String>,
    /// `on` for a month as it was signed off.
    pub closed: Option<String>,
}

#[derive(Template)]
#[template(path = "empreendimento.html")]
struct AllMonths {
    shell: Shell,
    id: EmpreendimentoId,
    nome: String,
    /// The day at whose end they stood so; none for now.
    as_of: Option<NaiveDate>,
    /// The sums of each column, by month.
    months: BTreeMap<Month, BTreeMap<&'static str, Decimal>>,
    /// The months whose figures are not those of the newest run that covers them.
    states: BTreeMap<Month, CellState>,
}

/// `/figures/ID`.
pub async fn all(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Path(id): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let Ok(id) = id.parse() else {
        return not_found(Extension(shell)).await;
    };
    let as_of = asked_day(asked.as_of.as_deref());
    let found = async {
        let (nome, figures) = match as_of {
            Some(day) => {
                let at = end_of_day(day);
                let of = standing(&*store, Some(id), None, at).await?;
                (of.nome, of.figures)
            }
            None => {
                let of = explanation(&*store, Some(id), None).await?;
                (of.nome, of.figures)
            }
        };
        let months = by_month(&figures);
        let states = match (as_of, months.keys().next(), months.keys().next_back()) {
            (None, Some(first), Some(last)) => states(&*store, id, *first, *last).await?,
            _ => BTreeMap::new(),
        };
        Ok::<_, CommandError>((nome, months, states))
    };
    match found.await {
        Ok((nome, months, states)) => {
            let all = AllMonths {
                shell: shell.at(Place::Figures),
                id,
                nome,
                as_of,
                months,
                states,
            };
            page(StatusCode::OK, &all)
        }
        Err(error) => refused(shell, &error),
    }
}

/// Months drawn.
const DRAWN: usize = 24;

/// A chart with a heading.
struct Drawing {
    title: &'static str,
    chart: Chart,
}

/// The months whose figures are not those of the newest run that covers them.
pub async fn states(
    store: &dyn Store,
    id: EmpreendimentoId,
    first: Month,
    last: Month,
) -> Result<BTreeMap<Month, CellState>, StoreError> {
    let pending = store.pending_months(Some(id), first, last).await?;
    Ok(pending
        .into_iter()
        .map(|one| (one.month, CellState::of(one.state)))
        .collect())
}

/// The sums of each column, by month.
fn by_month(figures: &[PublishedRow]) -> BTreeMap<Month, BTreeMap<&'static str, Decimal>> {
    let mut months: BTreeMap<Month, BTreeMap<&'static str, Decimal>> = BTreeMap::new();
    for row in figures {
        let Some(month) = row.ref_month else { continue };
        let values = months.entry(month).or_default();
        for (column, value) in &row.values {
            // Cash in has a row for each category.
            *values.entry(column).or_default() += value.parse().unwrap_or(Decimal::ZERO);
        }
    }
    months
}

impl AllMonths {
    /// A value of a month, as it is written.
    fn number(&self, values: &BTreeMap<&'static str, Decimal>, column: &str) -> String {
        let value = values.get(column);
        value
            .map(|value| self.shell.language.number(&value.to_string()))
            .unwrap_or_default()
    }

    fn drawings(&self) -> Vec<Drawing> {
        let words = self.shell.words();
        let skipped = self.months.len().saturating_sub(DRAWN);
        let drawn = || self.months.iter().skip(skipped);
        let months: Vec<Month> = drawn().map(|(month, _)| *month).collect();
        let series = |name, class, column: &str| Series {
            name,
            class,
            values: drawn()
                .map(|(_, values)| values.get(column).copied().unwrap_or_default())
                .collect(),
        };
        let cash_in = vec![
            series(words.forecast, "bar-1", "forecast"),
            series(words.actual, "bar-2", "actual"),
        ];
        let overdue = vec![
            series(words.up_to_30, "bar-1", "up_to_30"),
            series(words.days_30_60, "bar-2", "days_30_60"),
            series(words.days_60_90, "bar-3", "days_60_90"),
            series(words.days_90_180, "bar-4", "days_90_180"),
            series(words.above_180, "bar-5", "above_180"),
        ];
        let drawing = |title, chart| Drawing { title, chart };
        vec![
            drawing(words.cash_in, Chart::side_by_side(&months, cash_in)),
            drawing(words.overdue, Chart::stacked(&months, overdue)),
            drawing(
                words.vp,
                Chart::side_by_side(&months, vec![series(words.vp, "bar-1", "vp")]),
            ),
            drawing(
                words.ltv,
                Chart::side_by_side(&months, vec![series(words.ltv, "bar-1", "ltv")]),
            ),
        ]
    }
}
