//! Cancelling a run or a part of it: first what it would be, then the cancel, as the command does it.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use clap::Parser;
use domain::job::RunId;
use domain::ledger::{JobRecord, JobState};
use domain::schedule::Planning;
use producer::cli::CancelArgs;
use producer::commands::cancel;
use producer::error::CommandError;
use producer::report::find_run;
use store::Store;

use crate::acting::{console_of, log};
use crate::error::{forbidden, not_found, refused};
use crate::problem::{Problem, Refusal};
use crate::shell::{Place, Shell, page};

/// What is to be cancelled, field by field as the form has it.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    /// Codes with commas between them; all, and the cash out, where there are none.
    empreendimento_ids: String,
    why: String,
}

/// The flags of the command, read as the command reads them.
#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
struct Flags {
    #[command(flatten)]
    cancel: CancelArgs,
}

impl Asked {
    fn arguments(&self, run: &RunId) -> Result<CancelArgs, clap::Error> {
        self.read(run, self.why.trim(), None)
    }

    /// For a look, before anybody says why.
    fn look(&self, run: &RunId) -> Result<CancelArgs, clap::Error> {
        self.read(run, "-", Some("--dry-run"))
    }

    fn read(&self, run: &RunId, why: &str, more: Option<&str>) -> Result<CancelArgs, clap::Error> {
        let run = run.to_string();
        let ids: String = self.empreendimento_ids.split_whitespace().collect();
        let values = [
            ("run", run.as_str()),
            ("empreendimento-ids", ids.as_str()),
            ("why", why),
        ];
        let values = values.into_iter().filter(|(_, value)| !value.is_empty());
        let values = values.map(|(flag, value)| format!("--{flag}={value}"));
        let more = more.map(str::to_owned);
        Ok(Flags::try_parse_from(values.chain(more))?.cancel)
    }
}

/// What would be cancelled.
struct WouldBe {
    /// The run is still to be planned, and has no jobs.
    plan: bool,
    jobs: Vec<JobRecord>,
}

#[derive(Template)]
#[template(path = "cancel.html")]
struct Preview {
    shell: Shell,
    run: RunId,
    asked: Asked,
    /// What it would be; nothing where it cannot be asked for.
    found: Option<WouldBe>,
    problem: Option<Problem>,
}

/// `GET /runs/ID/cancel`: what it would be. Changes nothing.
pub async fn preview(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Path(run): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    if !shell.acts {
        return forbidden(shell);
    }
    let Ok(run) = run.parse::<RunId>() else {
        return not_found(Extension(shell)).await;
    };
    let found = would_be(&shell, &*store, &run, &asked).await;
    show(shell, run, asked, found)
}

/// `POST /runs/ID/cancel`: cancels them, and goes back to the run.
pub async fn act(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Path(run): Path<String>,
    Form(asked): Form<Asked>,
) -> Response {
    let Ok(run) = run.parse::<RunId>() else {
        return not_found(Extension(shell)).await;
    };
    let arguments = asked.arguments(&run).map_err(Refusal::Field);
    let done = match arguments {
        Ok(arguments) => command(&shell, &*store, &arguments).await,
        Err(refusal) => Err(refusal),
    };
    match done {
        Ok(()) => Redirect::to(&format!("/runs/{run}")).into_response(),
        Err(refusal) => show(shell, run, asked, Err(refusal)),
    }
}

/// What is open of what is asked for, where the command would take it.
async fn would_be(
    shell: &Shell,
    store: &dyn Store,
    run: &RunId,
    asked: &Asked,
) -> Result<WouldBe, Refusal> {
    let arguments = asked.look(run).map_err(Refusal::Field)?;
    command(shell, store, &arguments).await?;
    let ids = &arguments.empreendimento_ids;
    let is_asked = |job: &JobRecord| {
        let id = job.target.empreendimento();
        ids.is_empty() || id.is_some_and(|id| ids.contains(&id))
    };
    let found = find_run(store, Some(run)).await?;
    let mut jobs = store.jobs(run).await.map_err(CommandError::from)?;
    jobs.retain(|job| !job.state.is_final() && is_asked(job));
    Ok(WouldBe {
        plan: matches!(found.planning, Some(Planning::Open { .. })),
        jobs,
    })
}

async fn command(shell: &Shell, store: &dyn Store, arguments: &CancelArgs) -> Result<(), Refusal> {
    let mut told = Vec::new();
    let mut console = console_of(shell, &mut told);
    let done = cancel(&mut console, store, arguments).await;
    drop(console);
    if !arguments.dry_run {
        log(shell, &told);
    }
    done?;
    Ok(())
}

fn show(shell: Shell, run: RunId, asked: Asked, found: Result<WouldBe, Refusal>) -> Response {
    let words = shell.words();
    let (found, problem) = match found {
        Ok(found) => (Some(found), None),
        Err(Refusal::Field(error)) => (None, Some(Problem::of_field(&error, words))),
        Err(Refusal::Command(error @ CommandError::NotInRun { .. })) => {
            (None, Some(Problem::of_command(&error, words.not_in_run)))
        }
        Err(Refusal::Command(error)) => return refused(shell, &error),
    };
    let status = match &problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let preview = Preview {
        shell: shell.at(Place::Runs),
        run,
        asked,
        found,
        problem,
    };
    page(status, &preview)
}
