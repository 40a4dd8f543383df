//! The figures of a month, opened to the contratos that make them.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::Response;
use domain::job::EmpreendimentoId;
use domain::money::Amount;
use domain::month::Month;
use producer::report::{Opened, Wanted, opened};
use store::Store;

use crate::error::{not_found, refused};
use crate::shell::{Place, Shell, page};

/// Contratos listed of a figure, until all are asked for.
const LISTED: usize = 20;

/// What is asked for; what cannot be read is as if it were not there.
#[derive(Debug, serde::Deserialize)]
pub struct Asked {
    /// Only figures of this category of cash in.
    category: Option<String>,
    /// Only figures of this column.
    column: Option<String>,
    /// `on` for every contrato.
    all: Option<String>,
}

#[derive(Template)]
#[template(path = "contratos.html")]
struct Contratos {
    shell: Shell,
    id: EmpreendimentoId,
    month: Month,
    of: Opened,
    /// Whether other figures of the month are left out.
    filtered: bool,
}

/// `/figures/ID/MONTH/contratos`.
pub async fn of_month(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Path((id, month)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Response {
    let (Ok(id), Ok(month)) = (id.parse(), month.parse()) else {
        return not_found(Extension(shell)).await;
    };
    let wanted = Wanted {
        category: asked.category.and_then(|name| name.parse().ok()),
        top: match asked.all.as_deref() {
            Some("on") => usize::MAX,
            _ => LISTED,
        },
    };
    let mut of = match opened(&*store, id, month, wanted).await {
        Ok(of) => of,
        Err(error) => return refused(shell, &error),
    };
    let column = asked.column.filter(|name| !name.is_empty());
    if let Some(column) = &column {
        of.figures.retain(|figure| figure.column == column);
    }
    let contratos = Contratos {
        shell: shell.at(Place::Figures),
        id,
        month,
        of,
        filtered: wanted.category.is_some() || column.is_some(),
    };
    page(StatusCode::OK, &contratos)
}

impl Contratos {
    /// What a contrato adds, unrounded.
    fn amount(&self, amount: &Amount) -> String {
        self.shell.language.number(&amount.to_string())
    }
}
