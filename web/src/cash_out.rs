//! Cash out of a month, by filial and category.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use domain::job::Target;
use domain::month::Month;
use rust_decimal::Decimal;
use store::{PublishedRow, Store};

use crate::error::failed;
use crate::months::{asked_or_current, neighbours};
use crate::shell::{Place, Shell, page};

/// What is asked for; what cannot be read is as if it were not there.
#[derive(Debug, serde::Deserialize)]
pub struct Asked {
    month: Option<String>,
}

#[derive(Template)]
#[template(path = "cash_out.html")]
struct CashOut {
    shell: Shell,
    month: Month,
    rows: Vec<PublishedRow>,
}

/// `/cash-out`.
pub async fn month(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Query(asked): Query<Asked>,
) -> Response {
    let month = asked_or_current(asked.month.as_deref());
    match store.published_rows(Target::SaidasCaixa, Some(month)).await {
        Ok(rows) => {
            let shell = shell.at(Place::CashOut);
            page(StatusCode::OK, &CashOut { shell, month, rows })
        }
        Err(error) => failed(shell, error),
    }
}

impl CashOut {
    /// A value of a row, as it is written.
    fn number(&self, row: &PublishedRow, column: &str) -> String {
        self.shell.language.number(&value(row, column).to_string())
    }

    fn total(&self, column: &str) -> String {
        let total: Decimal = self.rows.iter().map(|row| value(row, column)).sum();
        self.shell.language.number(&total.to_string())
    }

    /// The month before, and the one after.
    fn neighbours(&self) -> [Option<Month>; 2] {
        neighbours(self.month, 1)
    }
}

/// The filial of a row, by its code, and the category.
fn parts(row: &PublishedRow) -> (&str, &str) {
    let both = row.category.as_deref().unwrap_or_default();
    both.split_once(' ').unwrap_or((both, ""))
}

fn value(row: &PublishedRow, column: &str) -> Decimal {
    let value = row.values.iter().find(|(name, _)| *name == column);
    value
        .and_then(|(_, value)| value.parse().ok())
        .unwrap_or_default()
}
