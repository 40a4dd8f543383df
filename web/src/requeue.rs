//! The button: failed jobs of a run enqueued again, after a look at which.

use std::sync::Arc;

use askama::Template;
use axum::extract::{Path, Query};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use domain::job::RunId;
use producer::broker::Broker;
use producer::cli::RequeueArgs;
use producer::commands::requeue::{Picked, pick, requeue};
use producer::error::CommandError;
use store::Store;

use crate::acting::with_queue;
use crate::error::{not_found, refused};
use crate::shell::{Place, Shell, page};

/// Which of the failed jobs, and what is accepted of them.
#[derive(Debug, Default, serde::Deserialize)]
pub struct Asked {
    /// The fingerprint of their cause; all when it is empty.
    #[serde(default)]
    cause: String,
    /// `on` where a person accepts the checks that failed.
    #[serde(default)]
    accept: String,
}

impl Asked {
    fn arguments(&self, run: RunId) -> RequeueArgs {
        RequeueArgs {
            run: Some(run),
            empreendimento_ids: Vec::new(),
            cause: Some(self.cause.clone()).filter(|cause| !cause.is_empty()),
            accept_change: self.accept == "on",
            dry_run: false,
        }
    }
}

#[derive(Template)]
#[template(path = "requeue.html")]
struct Preview {
    shell: Shell,
    picked: Picked,
    asked: Asked,
}

/// `GET /runs/ID/requeue`: which jobs it would be.
pub async fn preview(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Path(run): Path<String>,
    Query(asked): Query<Asked>,
) -> Response {
    let Ok(run) = run.parse() else {
        return not_found(Extension(shell)).await;
    };
    match pick(&*store, &asked.arguments(run)).await {
        Ok(picked) => {
            let preview = Preview {
                shell: shell.at(Place::Runs),
                picked,
                asked,
            };
            page(StatusCode::OK, &preview)
        }
        Err(error) => refused(shell, &error),
    }
}

/// `POST /runs/ID/requeue`: does it, and goes back to the run.
pub async fn act(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Extension(broker): Extension<Broker>,
    Path(run): Path<String>,
    Form(asked): Form<Asked>,
) -> Response {
    let Ok(run) = run.parse::<RunId>() else {
        return not_found(Extension(shell)).await;
    };
    let back = format!("/runs/{run}");
    match enqueue(&shell, &*store, &broker, &asked.arguments(run)).await {
        Ok(()) => Redirect::to(&back).into_response(),
        Err(error) => refused(shell, &error),
    }
}

async fn enqueue(
    shell: &Shell,
    store: &dyn Store,
    broker: &Broker,
    arguments: &RequeueArgs,
) -> Result<(), CommandError> {
    let picked = pick(store, arguments).await?;
    with_queue(shell, store, broker, async |console, enqueuer| {
        requeue(console, enqueuer, arguments, &picked).await
    })
    .await?;
    Ok(())
}
