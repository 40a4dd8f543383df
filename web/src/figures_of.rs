//! The figures of one empreendimento: all months, and one month opened.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::Path;
use axum::http::StatusCode;
use axum::response::Response;
use domain::job::EmpreendimentoId;
use domain::month::Month;
use producer::report::{Change, Explanation, explanation};
use store::Store;

use crate::error::{not_found, refused};
use crate::shell::{Place, Shell, page};

#[derive(Template)]
#[template(path = "empreendimento.html")]
struct AllMonths {
    shell: Shell,
    id: EmpreendimentoId,
    of: Explanation,
}

#[derive(Template)]
#[template(path = "month.html")]
struct OneMonth {
    shell: Shell,
    id: EmpreendimentoId,
    month: Month,
    of: Explanation,
}

/// `/figures/ID`.
pub async fn all(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Path(id): Path<i64>,
) -> Response {
    let Ok(id) = EmpreendimentoId::try_from(id) else {
        return not_found(Extension(shell)).await;
    };
    match explanation(&*store, Some(id), None).await {
        Ok(of) => {
            let shell = shell.at(Place::Figures);
            page(StatusCode::OK, &AllMonths { shell, id, of })
        }
        Err(error) => refused(shell, &error),
    }
}

/// `/figures/ID/MONTH`.
pub async fn month(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Path((id, month)): Path<(i64, String)>,
) -> Response {
    let (Ok(id), Ok(month)) = (EmpreendimentoId::try_from(id), month.parse()) else {
        return not_found(Extension(shell)).await;
    };
    match explanation(&*store, Some(id), Some(month)).await {
        Ok(of) => {
            let opened = OneMonth {
                shell: shell.at(Place::Figures),
                id,
                month,
                of,
            };
            page(StatusCode::OK, &opened)
        }
        Err(error) => refused(shell, &error),
    }
}

impl AllMonths {
    /// Each month with its values, in order.
    fn months(&self) -> Vec<(Month, Vec<(&'static str, String)>)> {
        let mut months: Vec<(Month, Vec<(&'static str, String)>)> = Vec::new();
        let mut rows: Vec<_> = self.of.figures.iter().collect();
        rows.sort_by_key(|row| row.ref_month);
        for row in rows {
            let Some(month) = row.ref_month else { continue };
            if months.last().is_none_or(|(last, _)| *last != month) {
                months.push((month, Vec::new()));
            }
            let values = &mut months.last_mut().expect("there is one by now").1;
            for (column, value) in &row.values {
                let value: rust_decimal::Decimal = value.parse().unwrap_or_default();
                // Cash in has a row for each category.
                match values.iter_mut().find(|(name, _)| name == column) {
                    Some((_, sum)) => {
                        let before: rust_decimal::Decimal = sum.parse().unwrap_or_default();
                        *sum = (before + value).to_string();
                    }
                    None => values.push((column, value.to_string())),
                }
            }
        }
        months
    }

    fn number(&self, values: &[(&'static str, String)], column: &str) -> String {
        let value = values.iter().find(|(name, _)| *name == column);
        value
            .map(|(_, value)| self.shell.language.number(value))
            .unwrap_or_default()
    }
}

impl OneMonth {
    /// The rule of a column.
    fn rule(&self, table: &str, column: &str) -> Option<&'static str> {
        self.of.rules.get(table)?.get(column).copied()
    }

    /// What is not as it was before.
    fn changed(&self) -> Vec<&Change> {
        let changes = self.of.changes.iter().flatten();
        changes
            .filter(|change| change.before != change.after)
            .collect()
    }
}
