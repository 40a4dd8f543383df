//! Closing a month: first what speaks against it, then the close, as the command `close` does it.

use std::sync::Arc;

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use producer::cli::{CloseArgs, read_flags};
use producer::commands::close;
use producer::error::CommandError;
use producer::report::{Obstacle, obstacles};
use store::{Store, StoreError};

use crate::acting::as_command;
use crate::error::{forbidden, refused};
use crate::fields::{codes, switches, values};
use crate::problem::{Problem, Refusal};
use crate::shell::{Place, Shell, page};
use crate::words::Words;

/// What is to be closed, field by field as the form has it.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    /// The month.
    pub month: String,
    /// Codes with commas between them; all, and the cash out, where there are none.
    pub empreendimento_ids: String,
    /// What is said of it.
    pub note: String,
    /// `on` where the month is closed whatever speaks against it.
    force: String,
}

impl Asked {
    fn arguments(&self) -> Result<CloseArgs, clap::Error> {
        let values = values([
            ("month", &self.month),
            ("empreendimento-ids", &codes(&self.empreendimento_ids)),
            ("note", &self.note),
        ]);
        let force = switches([("force", &self.force)]);
        read_flags([values, force].concat())
    }
}

#[derive(Template)]
#[template(path = "close.html")]
struct ClosePage {
    shell: Shell,
    asked: Asked,
    /// What speaks against it; none where it cannot be asked for.
    obstacles: Option<Vec<Obstacle>>,
    problem: Option<Problem>,
}

/// `GET /closes/new`: what speaks against closing the month. Writes nothing.
pub async fn look(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Query(asked): Query<Asked>,
) -> Response {
    if !shell.acts {
        return forbidden(shell);
    }
    let found = found(&*store, &asked).await;
    show(shell, asked, found)
}

/// `POST /closes`: closes the month, and goes to the list.
pub async fn act(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Form(asked): Form<Asked>,
) -> Response {
    match signed_off(&shell, &*store, &asked).await {
        Ok(()) => Redirect::to("/closes").into_response(),
        Err(refusal) => show(shell, asked, Err(refusal)),
    }
}

async fn found(store: &dyn Store, asked: &Asked) -> Result<Vec<Obstacle>, Refusal> {
    let arguments = asked.arguments().map_err(Refusal::Field)?;
    let ids = &arguments.empreendimento_ids;
    Ok(obstacles(store, arguments.month, ids).await?)
}

async fn signed_off(shell: &Shell, store: &dyn Store, asked: &Asked) -> Result<(), Refusal> {
    let arguments = asked.arguments().map_err(Refusal::Field)?;
    as_command(shell, async |console| {
        close(console, store, &arguments).await
    })
    .await?;
    Ok(())
}

fn show(shell: Shell, asked: Asked, found: Result<Vec<Obstacle>, Refusal>) -> Response {
    let words = shell.words();
    let (obstacles, problem) = match found {
        Ok(obstacles) => (Some(obstacles), None),
        Err(Refusal::Field(error)) => (None, Some(Problem::of_field(&error, words))),
        Err(Refusal::Command(error)) => match meaning(&error, words) {
            Some(meaning) => (None, Some(Problem::of_command(&error, meaning))),
            None => return refused(shell, &error),
        },
    };
    let status = match &problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let form = ClosePage {
        shell: shell.at(Place::Closes),
        asked,
        obstacles,
        problem,
    };
    page(status, &form)
}

/// What the person who closes can do something about.
const fn meaning(error: &CommandError, words: &'static Words) -> Option<&'static str> {
    match error {
        CommandError::NotReady { .. } => Some(words.not_ready),
        CommandError::UnknownEmpreendimento(_) => Some(words.wrong_field),
        CommandError::Store(StoreError::Unsuitable(_)) => Some(words.cannot_close),
        _ => None,
    }
}
