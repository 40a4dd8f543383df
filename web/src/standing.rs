//! The figures of an empreendimento's month as they stood at the end of a day, or as they were signed off.

use askama::Template;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use domain::job::EmpreendimentoId;
use domain::month::Month;
use producer::report::{Standing, end_of_day, signed_off, standing};
use store::Store;

use crate::error::{not_found, refused};
use crate::shell::{Place, Shell, page};

#[derive(Template)]
#[template(path = "standing.html")]
struct StandingMonth {
    shell: Shell,
    id: EmpreendimentoId,
    month: Month,
    /// The day at whose end they stood so; none for what was signed off.
    day: Option<NaiveDate>,
    of: Standing,
}

/// `/figures/ID/MONTH?as_of=DAY`.
pub async fn of_month(
    shell: Shell,
    store: &dyn Store,
    id: EmpreendimentoId,
    month: Month,
    day: NaiveDate,
) -> Response {
    match standing(store, Some(id), Some(month), end_of_day(day)).await {
        Ok(of) => {
            let stood = StandingMonth {
                shell: shell.at(Place::Figures),
                id,
                month,
                day: Some(day),
                of,
            };
            page(StatusCode::OK, &stood)
        }
        Err(error) => refused(shell, &error),
    }
}

/// `/figures/ID/MONTH?closed=on`.
pub async fn closed_month(
    shell: Shell,
    store: &dyn Store,
    id: EmpreendimentoId,
    month: Month,
) -> Response {
    match signed_off(store, id, month).await {
        Ok(Some(of)) => {
            let closed = StandingMonth {
                shell: shell.at(Place::Figures),
                id,
                month,
                day: None,
                of,
            };
            page(StatusCode::OK, &closed)
        }
        Ok(None) => not_found(Extension(shell)).await,
        Err(error) => refused(shell, &error),
    }
}
