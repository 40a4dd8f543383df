//! What is answered when there is no page to show.

use askama::Template;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;
use domain::failure::FailureClass;
use producer::error::CommandError;
use store::StoreError;

use crate::shell::{Shell, page};

#[derive(Template)]
#[template(path = "error.html")]
struct ErrorPage {
    shell: Shell,
    what: &'static str,
}

/// Tells why there is no page: the ledger knows nothing of it, or the database is away.
pub fn refused(shell: Shell, error: &CommandError) -> Response {
    let words = shell.words();
    let (status, what) = match error {
        CommandError::UnknownRun(_) | CommandError::UnknownEmpreendimento(_) => {
            (StatusCode::NOT_FOUND, words.not_found)
        }
        CommandError::NoRun => (StatusCode::OK, words.no_run),
        CommandError::Store(error) if error.class() == FailureClass::Transient => {
            tracing::warn!("{error}");
            (StatusCode::SERVICE_UNAVAILABLE, words.database_away)
        }
        CommandError::Queue(error) => {
            tracing::warn!("{error}");
            (StatusCode::SERVICE_UNAVAILABLE, words.broker_away)
        }
        error @ CommandError::Unpublished { .. } => {
            tracing::warn!("{error}");
            (StatusCode::SERVICE_UNAVAILABLE, words.unpublished)
        }
        error => {
            tracing::error!("{error}");
            (StatusCode::INTERNAL_SERVER_ERROR, words.broken)
        }
    };
    page(status, &ErrorPage { shell, what })
}

/// The same of the database.
pub fn failed(shell: Shell, error: StoreError) -> Response {
    refused(shell, &CommandError::from(error))
}

/// Any other address.
pub async fn not_found(Extension(shell): Extension<Shell>) -> Response {
    let what = shell.words().not_found;
    page(StatusCode::NOT_FOUND, &ErrorPage { shell, what })
}

/// Tells that what was asked for cannot be read.
pub fn unreadable(shell: Shell) -> Response {
    let what = shell.words().wrong_field;
    page(StatusCode::UNPROCESSABLE_ENTITY, &ErrorPage { shell, what })
}

/// Tells a viewer that this is for operators.
pub fn forbidden(shell: Shell) -> Response {
    let what = shell.words().operators_alone;
    page(StatusCode::FORBIDDEN, &ErrorPage { shell, what })
}
