//! Beginning a run: first what it would do, then the run, as the command `backfill` does it.

use std::sync::Arc;

use askama::Template;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use chrono::{DateTime, Utc};
use domain::job::RunId;
use mega::{MegaClient, MegaError};
use producer::broker::Broker;
use producer::cli::{BackfillArgs, read_flags};
use producer::commands::backfill::{enqueue, plan};
use producer::error::CommandError;
use producer::plan::{Plan, PlanError, Request};
use store::Store;

use crate::acting::with_queue;
use crate::error::{forbidden, refused};
use crate::fields::{codes, switches, values};
use crate::problem::{Problem, Refusal};
use crate::shell::{Place, Shell, page};
use crate::words::Words;

/// What a run is asked to do, field by field as the form has it. An empty one is as the command has it
/// without the flag; without any day it is the month of yesterday.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    start_date: String,
    end_date: String,
    empreendimento_ids: String,
    force: String,
    accept_change: String,
    urgent: String,
    /// `on` where the plan is asked for.
    look: String,
}

impl Asked {
    fn arguments(&self) -> Result<BackfillArgs, clap::Error> {
        let days = [&self.start_date, &self.end_date];
        let without_days = days.iter().all(|day| day.trim().is_empty());
        let values = values([
            ("start-date", &self.start_date),
            ("end-date", &self.end_date),
            ("last-months", if without_days { "1" } else { "" }),
            ("empreendimento-ids", &codes(&self.empreendimento_ids)),
        ]);
        let switches = switches([
            ("force", &self.force),
            ("accept-change", &self.accept_change),
            ("urgent", &self.urgent),
        ]);
        read_flags([values, switches].concat())
    }
}

#[derive(Template)]
#[template(path = "backfill.html")]
struct BackfillPage {
    shell: Shell,
    asked: Asked,
    plan: Option<Plan>,
    problem: Option<Problem>,
}

/// Where the ERP's list and the ledger are asked, and the jobs enqueued.
type Services = (
    Extension<Arc<dyn Store>>,
    Extension<Broker>,
    Extension<MegaClient>,
);

/// `GET /backfill`: what to ask for, and once it is asked, what the run would do. Writes nothing.
pub async fn look(
    Extension(shell): Extension<Shell>,
    (Extension(store), _, Extension(erp)): Services,
    Query(asked): Query<Asked>,
) -> Response {
    // It asks the ERP, on behalf of who may begin a run.
    if !shell.acts {
        return forbidden(shell);
    }
    if asked.look != "on" {
        return show(shell, asked, Ok(None));
    }
    let planned = planned(&*store, &erp, &asked, Utc::now()).await;
    show(shell, asked, planned.map(Some))
}

/// `POST /backfill`: plans it again, begins the run, and goes to it.
pub async fn act(
    Extension(shell): Extension<Shell>,
    (Extension(store), Extension(broker), Extension(erp)): Services,
    Form(asked): Form<Asked>,
) -> Response {
    let begun = begin(&shell, &*store, &broker, &erp, &asked).await;
    match begun {
        Ok(Some(run)) => Redirect::to(&format!("/runs/{run}")).into_response(),
        Ok(None) => Redirect::to("/").into_response(),
        Err(refusal) => show(shell, asked, Err(refusal)),
    }
}

async fn planned(
    store: &dyn Store,
    erp: &MegaClient,
    asked: &Asked,
    now: DateTime<Utc>,
) -> Result<Plan, Refusal> {
    let arguments = asked.arguments().map_err(Refusal::Field)?;
    let request = Request::resolve(&arguments, now).map_err(CommandError::from)?;
    let catalogue = erp.catalogue().await.map_err(CommandError::from)?;
    Ok(plan(store, &request, catalogue).await?)
}

async fn begin(
    shell: &Shell,
    store: &dyn Store,
    broker: &Broker,
    erp: &MegaClient,
    asked: &Asked,
) -> Result<Option<RunId>, Refusal> {
    let now = Utc::now();
    let plan = planned(store, erp, asked, now).await?;
    let begun = with_queue(shell, store, broker, async |console, enqueuer| {
        enqueue(console, enqueuer, plan, now).await
    });
    Ok(begun.await?)
}

fn show(shell: Shell, asked: Asked, planned: Result<Option<Plan>, Refusal>) -> Response {
    let words = shell.words();
    let (plan, problem) = match planned {
        Ok(plan) => (plan, None),
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
    let form = BackfillPage {
        shell: shell.at(Place::Runs),
        asked,
        plan,
        problem,
    };
    page(status, &form)
}

/// What the person who asks can do something about.
fn meaning(error: &CommandError, words: &'static Words) -> Option<&'static str> {
    Some(match error {
        CommandError::Plan(error) => match error {
            PlanError::Window(_) | PlanError::Flags(_) => words.wrong_field,
            PlanError::TooManyMonths { .. } => words.too_many_months,
            PlanError::Unknown(_) => words.unknown_empreendimento,
            PlanError::CatalogueShrank { .. } => words.catalogue_shrank,
            PlanError::EmptyCatalogue => words.catalogue_empty,
        },
        CommandError::Catalogue(_) => words.catalogue_unreadable,
        CommandError::Mega(MegaError::SignInRefused { .. }) => words.do_sign_in,
        CommandError::Mega(error) if !matches!(error, MegaError::SessionStore(_)) => {
            words.erp_silent
        }
        _ => return None,
    })
}
