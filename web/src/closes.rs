//! Closed months: what was signed off, whether it moved since, and reopening.

use std::collections::BTreeSet;
use std::sync::Arc;

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use domain::month::Month;
use producer::cli::{ReopenArgs, read_flags};
use producer::commands::reopen;
use producer::error::CommandError;
use producer::report::ListedClose;
use store::Store;

use crate::acting::as_command;
use crate::close::Asked as ToClose;
use crate::error::{failed, refused};
use crate::fields::values;
use crate::problem::{Problem, Refusal};
use crate::shell::{Place, Shell, page};

/// What is asked for.
#[derive(Debug, serde::Deserialize)]
pub struct Asked {
    /// `1` to compute the digests anew.
    verify: Option<String>,
}

#[derive(Template)]
#[template(path = "closes.html")]
struct Closes {
    shell: Shell,
    closes: Vec<ListedClose>,
    /// The form of a new one, empty.
    asked: ToClose,
    problem: Option<Problem>,
}

/// `GET /closes`.
pub async fn list(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Query(asked): Query<Asked>,
) -> Response {
    let verify = asked.verify.as_deref() == Some("1");
    show(shell, &*store, verify, None).await
}

/// What is reopened, and why.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct ToReopen {
    month: String,
    note: String,
}

/// `POST /closes/reopen`: ends the closes of a month, and goes to the list.
pub async fn reopen_month(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Form(asked): Form<ToReopen>,
) -> Response {
    let words = shell.words();
    let problem = match reopened(&shell, &*store, &asked).await {
        Ok(()) => return Redirect::to("/closes").into_response(),
        Err(Refusal::Field(error)) => Problem::of_field(&error, words),
        Err(Refusal::Command(error @ CommandError::NotClosed(_))) => {
            Problem::of_command(&error, words.not_closed)
        }
        Err(Refusal::Command(error)) => return refused(shell, &error),
    };
    show(shell, &*store, false, Some(problem)).await
}

async fn reopened(shell: &Shell, store: &dyn Store, asked: &ToReopen) -> Result<(), Refusal> {
    let flags = values([("month", &asked.month), ("note", &asked.note)]);
    let arguments: ReopenArgs = read_flags(flags).map_err(Refusal::Field)?;
    as_command(shell, async |console| {
        reopen(console, store, &arguments).await
    })
    .await?;
    Ok(())
}

async fn show(shell: Shell, store: &dyn Store, verify: bool, problem: Option<Problem>) -> Response {
    let closes = match ListedClose::all(store, verify).await {
        Ok(closes) => closes,
        Err(error) => return failed(shell, error),
    };
    let status = match &problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let closes = Closes {
        shell: shell.at(Place::Closes),
        closes,
        asked: ToClose::default(),
        problem,
    };
    page(status, &closes)
}

impl Closes {
    /// The months that are closed.
    fn standing(&self) -> BTreeSet<Month> {
        let closes = self.closes.iter().map(|listed| &listed.close);
        let standing = closes.filter(|close| close.reopened.is_none());
        standing.map(|close| close.month).collect()
    }
}
