//! The figures of an empreendimento's month as they stood at the end of a day.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::NaiveDate;
use domain::job::EmpreendimentoId;
use domain::month::Month;
use producer::report::{Standing, end_of_day, standing};
use store::Store;

use crate::error::refused;
use crate::shell::{Place, Shell, page};

#[derive(Template)]
#[template(path = "standing.html")]
struct StandingMonth {
    shell: Shell,
    id: EmpreendimentoId,
    month: Month,
    day: NaiveDate,
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
                day,
                of,
            };
            page(StatusCode::OK, &stood)
        }
        Err(error) => refused(shell, &error),
    }
}
