//! The pause of the fleet, begun and ended as the commands do it.

use std::sync::Arc;

use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use clap::Parser;
use producer::cli::PauseArgs;
use producer::commands;
use store::Store;

use crate::acting::{console_of, log};
use crate::error::refused;
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

/// The flags of the command, read as the command reads them.
#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
struct Flags {
    #[command(flatten)]
    pause: PauseArgs,
}

impl ToPause {
    fn arguments(&self) -> Result<PauseArgs, clap::Error> {
        let values = [("until", self.until.trim()), ("why", self.why.trim())];
        let values = values.into_iter().filter(|(_, value)| !value.is_empty());
        let flags = values.map(|(flag, value)| format!("--{flag}={value}"));
        Ok(Flags::try_parse_from(flags)?.pause)
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
    let mut told = Vec::new();
    let mut console = console_of(&shell, &mut told);
    let ended = commands::unpause(&mut console, &*store).await;
    drop(console);
    log(&shell, &told);
    match ended {
        Ok(_) => Redirect::to(PATH).into_response(),
        Err(error) => refused(shell, &error),
    }
}

async fn paused(shell: &Shell, store: &dyn Store, asked: &ToPause) -> Result<(), Refusal> {
    let arguments = asked.arguments().map_err(Refusal::Field)?;
    let mut told = Vec::new();
    let mut console = console_of(shell, &mut told);
    let paused = commands::pause(&mut console, store, &arguments).await;
    drop(console);
    log(shell, &told);
    paused?;
    Ok(())
}
