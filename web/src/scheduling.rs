//! Schedules added, paused, resumed, run at once and removed, as the commands of `schedule` do it.

use std::sync::Arc;

use axum::extract::Path;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use domain::schedule::ScheduleName;
use producer::cli::{AddScheduleArgs, ScheduleCommand, read_flags};
use producer::commands::schedule;
use producer::error::CommandError;
use producer::plan::PlanError;
use producer::schedule::ScheduleError;
use store::Store;

use crate::acting::as_command;
use crate::error::{not_found, refused};
use crate::fields::values;
use crate::problem::{Problem, Refusal};
use crate::schedules::show;
use crate::shell::Shell;
use crate::words::Words;

/// The zone of a new schedule, unless another one is asked for.
const ZONE: &str = "America/Sao_Paulo";

/// A new schedule, field by field as the form has it.
#[derive(Debug, serde::Deserialize)]
#[serde(default)]
pub struct ToAdd {
    /// Its name.
    pub name: String,
    /// Its times.
    pub cron: String,
    /// Whose clock they are by.
    pub tz: String,
    /// The arguments of backfill, with spaces between them.
    pub arguments: String,
    /// `on` where a run begins although the one before is open.
    pub overlap: String,
}

impl Default for ToAdd {
    fn default() -> Self {
        Self {
            name: String::new(),
            cron: String::new(),
            tz: ZONE.to_owned(),
            arguments: String::new(),
            overlap: String::new(),
        }
    }
}

impl ToAdd {
    fn arguments(&self) -> Result<AddScheduleArgs, clap::Error> {
        let overlap = if self.overlap == "on" { "allow" } else { "" };
        let values = values([("cron", &self.cron), ("tz", &self.tz), ("overlap", overlap)]);
        let name = Some(self.name.trim()).filter(|name| !name.is_empty());
        let arguments = self.arguments.split_whitespace();
        let rest = name.into_iter().chain(["--"]).chain(arguments);
        let rest = rest.map(str::to_owned).collect();
        read_flags([values, rest].concat())
    }
}

/// `POST /schedules`: adds one, and goes to the list.
pub async fn add(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Form(asked): Form<ToAdd>,
) -> Response {
    let words = shell.words();
    let added = async {
        let arguments = asked.arguments().map_err(Refusal::Field)?;
        run(&shell, &*store, ScheduleCommand::Add(arguments)).await?;
        Ok::<_, Refusal>(())
    };
    let problem = match added.await {
        Ok(()) => return Redirect::to("/schedules").into_response(),
        Err(Refusal::Field(error)) => Problem::of_field(&error, words),
        Err(Refusal::Command(error)) => match meaning(&error, words) {
            Some(meaning) => Problem::of_command(&error, meaning),
            None => return refused(shell, &error),
        },
    };
    show(shell, &*store, asked, Some(problem)).await
}

/// Why a schedule is paused.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct ToPause {
    why: String,
}

/// `POST /schedules/NAME/pause`.
pub async fn pause(
    shell: Extension<Shell>,
    store: Extension<Arc<dyn Store>>,
    name: Path<String>,
    Form(asked): Form<ToPause>,
) -> Response {
    let why = Some(asked.why.trim()).filter(|why| !why.is_empty());
    let why = why.map(str::to_owned);
    act(shell, store, name, |name| ScheduleCommand::Pause {
        name,
        why,
    })
    .await
}

/// `POST /schedules/NAME/resume`.
pub async fn resume(
    shell: Extension<Shell>,
    store: Extension<Arc<dyn Store>>,
    name: Path<String>,
) -> Response {
    act(shell, store, name, |name| ScheduleCommand::Resume { name }).await
}

/// `POST /schedules/NAME/run`.
pub async fn run_now(
    shell: Extension<Shell>,
    store: Extension<Arc<dyn Store>>,
    name: Path<String>,
) -> Response {
    act(shell, store, name, |name| ScheduleCommand::RunNow { name }).await
}

/// `POST /schedules/NAME/remove`: removes it, and goes to the list.
pub async fn remove(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Path(name): Path<String>,
) -> Response {
    let Ok(name) = name.parse() else {
        return not_found(Extension(shell)).await;
    };
    match run(&shell, &*store, ScheduleCommand::Remove { name }).await {
        Ok(()) => Redirect::to("/schedules").into_response(),
        Err(error) => told(shell, &*store, &error).await,
    }
}

/// Does something to a schedule, and goes to it.
async fn act(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Path(name): Path<String>,
    command: impl FnOnce(ScheduleName) -> ScheduleCommand,
) -> Response {
    let Ok(name) = name.parse::<ScheduleName>() else {
        return not_found(Extension(shell)).await;
    };
    let back = format!("/schedules/{name}");
    match run(&shell, &*store, command(name)).await {
        Ok(()) => Redirect::to(&back).into_response(),
        Err(error) => told(shell, &*store, &error).await,
    }
}

async fn run(
    shell: &Shell,
    store: &dyn Store,
    command: ScheduleCommand,
) -> Result<(), CommandError> {
    as_command(shell, async |console| {
        schedule(console, store, &command).await
    })
    .await?;
    Ok(())
}

/// The list with what the command says.
async fn told(shell: Shell, store: &dyn Store, error: &CommandError) -> Response {
    match meaning(error, shell.words()) {
        Some(meaning) => {
            let problem = Problem::of_command(error, meaning);
            show(shell, store, ToAdd::default(), Some(problem)).await
        }
        None => refused(shell, error),
    }
}

/// What the person who asks can do something about.
const fn meaning(error: &CommandError, words: &'static Words) -> Option<&'static str> {
    Some(match error {
        CommandError::Schedule(ScheduleError::Taken(_)) => words.name_taken,
        CommandError::Schedule(ScheduleError::Unknown { .. }) => words.schedule_gone,
        CommandError::Schedule(_)
        | CommandError::Plan(PlanError::Window(_) | PlanError::Flags(_)) => words.wrong_field,
        CommandError::Plan(PlanError::TooManyMonths { .. }) => words.too_many_months,
        _ => return None,
    })
}
