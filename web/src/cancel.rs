//! Cancelling a run or a part of it: first what it would be, then the cancel, as the command does it.

use std::io::sink;
use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use domain::job::RunId;
use domain::ledger::{JobRecord, JobState};
use domain::schedule::Planning;
use producer::cli::{CancelArgs, read_flags};
use producer::commands::cancel;
use producer::console::Console;
use producer::error::CommandError;
use producer::program::Program;
use producer::report::find_run;
use store::Store;

use crate::acting::as_command;
use crate::error::{forbidden, not_found, refused};
use crate::fields::{codes, values};
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

impl Asked {
    fn arguments(&self, run: &RunId) -> Result<CancelArgs, clap::Error> {
        self.read(run, &self.why, None)
    }

    /// For a look, before anybody says why.
    fn look(&self, run: &RunId) -> Result<CancelArgs, clap::Error> {
        self.read(run, "-", Some("--dry-run"))
    }

    fn read(&self, run: &RunId, why: &str, more: Option<&str>) -> Result<CancelArgs, clap::Error> {
        let mut flags = values([
            ("run", &run.to_string()),
            ("empreendimento-ids", &codes(&self.empreendimento_ids)),
            ("why", why),
        ]);
        flags.extend(more.map(str::to_owned));
        read_flags(flags)
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
    let found = would_be(&*store, &run, &asked).await;
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
    let done = async {
        let arguments = asked.arguments(&run).map_err(Refusal::Field)?;
        let cancelled = as_command(&shell, async |console| {
            cancel(console, &*store, &arguments).await
        });
        Ok(cancelled.await?)
    };
    match done.await {
        Ok(_) => Redirect::to(&format!("/runs/{run}")).into_response(),
        Err(refusal) => show(shell, run, asked, Err(refusal)),
    }
}

/// What is open of what is asked for, where the command would take it.
async fn would_be(store: &dyn Store, run: &RunId, asked: &Asked) -> Result<WouldBe, Refusal> {
    let arguments = asked.look(run).map_err(Refusal::Field)?;
    // What it tells is on the page.
    let mut console = Console::captured(Program::Producer, sink(), sink());
    cancel(&mut console, store, &arguments).await?;
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
