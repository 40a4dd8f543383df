//! The pause of the fleet, begun and ended as the commands do it.

use std::sync::Arc;

use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use producer::cli::{PauseArgs, read_flags};
use producer::commands;
use store::Store;

use crate::acting::as_command;
use crate::error::refused;
use crate::fields::values;
use crate::maintenance::{PATH, show};
use crate::problem::{Problem, Refusal};
use crate::shell::Shell;

/// A pause, field by field as the form has it.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct ToPause {
    /// When it ends, by the clocks of São Paulo; without end where it is empty.
    pub until: String,
    /// Why.
    pub why: String,
}

impl ToPause {
    fn arguments(&self) -> Result<PauseArgs, clap::Error> {
        read_flags(values([("until", &self.until), ("why", &self.why)]))
    }
}

/// `POST /pause`: pauses the fleet.
pub async fn pause(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Form(asked): Form<ToPause>,
) -> Response {
    match paused(&shell, &*store, &asked).await {
        Ok(()) => Redirect::to(PATH).into_response(),
        Err(Refusal::Field(error)) => {
            let problem = Problem::of_field(&error, shell.words());
            show(shell, &*store, asked, Some(problem)).await
        }
        Err(Refusal::Command(error)) => refused(shell, &error),
    }
}

/// `POST /pause/end`: ends the pause, where one stands.
pub async fn end(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
) -> Response {
    let ended = as_command(&shell, async |console| {
        commands::unpause(console, &*store).await
    });
    match ended.await {
        Ok(_) => Redirect::to(PATH).into_response(),
        Err(error) => refused(shell, &error),
    }
}

async fn paused(shell: &Shell, store: &dyn Store, asked: &ToPause) -> Result<(), Refusal> {
    let arguments = asked.arguments().map_err(Refusal::Field)?;
    as_command(shell, async |console| {
        commands::pause(console, store, &arguments).await
    })
    .await?;
    Ok(())
}
