//! A month of an empreendimento: each figure with its rule and its origin, the checks, and what changed.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use domain::job::EmpreendimentoId;
use domain::month::Month;
use producer::error::CommandError;
use producer::report::{Change, Explanation, explanation, is_sum};
use rust_decimal::Decimal;
use store::Store;

use crate::cells::CellState;
use crate::empreendimento::{Asked, states};
use crate::error::{not_found, refused};
use crate::language::Language;
use crate::meanings::rule;
use crate::months::asked_day;
use crate::shell::{Place, Shell, page};
use crate::standing;

#[derive(Template)]
#[template(path = "month.html")]
struct OneMonth {
    shell: Shell,
    id: EmpreendimentoId,
    month: Month,
    state: Option<CellState>,
    of: Explanation,
}

/// `/figures/ID/MONTH`.
pub async fn one(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Path((id, month)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Response {
    let (Ok(id), Ok(month)) = (id.parse(), month.parse()) else {
        return not_found(Extension(shell)).await;
    };
    if let Some(day) = asked_day(asked.as_of.as_deref()) {
        return standing::of_month(shell, &*store, id, month, day).await;
    }
    if asked.closed.as_deref() == Some("on") {
        return standing::closed_month(shell, &*store, id, month).await;
    }
    let found = async {
        // Before the figures, which may be newer than this, and never older.
        let states = states(&*store, id, month, month).await?;
        let of = explanation(&*store, Some(id), Some(month)).await?;
        Ok::<_, CommandError>((states, of))
    };
    match found.await {
        Ok((states, of)) => {
            let opened = OneMonth {
                shell: shell.at(Place::Figures),
                id,
                month,
                state: states.get(&month).copied(),
                of,
            };
            page(StatusCode::OK, &opened)
        }
        Err(error) => refused(shell, &error),
    }
}

impl OneMonth {
    /// The rule of a column.
    fn rule(&self, table: &str, column: &str) -> Option<&'static str> {
        match self.shell.language {
            Language::Portuguese => rule(table, column),
            Language::English => self.of.rules.get(table)?.get(column).copied(),
        }
    }

    /// Whether a value is a sum that opens to its contratos.
    fn opens(&self, table: &str, column: &str, value: &str) -> bool {
        let is_zero = |value: Decimal| value.is_zero();
        is_sum(table, column) && !value.parse().is_ok_and(is_zero)
    }

    /// How many figures moved since the month was closed.
    fn moved(&self) -> String {
        let moved = self.of.after_close.len();
        match (self.shell.language, moved) {
            (Language::Portuguese, 1) => "1 valor mudou desde então".to_owned(),
            (Language::Portuguese, _) => format!("{moved} valores mudaram desde então"),
            (Language::English, 1) => "1 figure moved since".to_owned(),
            (Language::English, _) => format!("{moved} figures moved since"),
        }
    }

    /// What is not as it was before.
    fn changed(&self) -> Vec<&Change> {
        let changes = self.of.changes.iter().flatten();
        changes
            .filter(|change| change.before != change.after)
            .collect()
    }
}
