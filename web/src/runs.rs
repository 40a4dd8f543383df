//! The newest runs.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ledger::RunOutcome;
use producer::report::Verdict;
use store::{RunFilter, Store};

use crate::error::failed;
use crate::overview::Mark;
use crate::shell::{Place, Shell, page};

/// How many are listed.
const LISTED: u32 = 60;

#[derive(Template)]
#[template(path = "runs.html")]
struct RunsPage {
    shell: Shell,
    runs: Vec<RunOutcome>,
}

/// `/runs`.
pub async fn list(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
) -> Response {
    match store.recent_runs(RunFilter::All, None, LISTED).await {
        Ok(runs) => {
            let shell = shell.at(Place::Runs);
            page(StatusCode::OK, &RunsPage { shell, runs })
        }
        Err(error) => failed(shell, error),
    }
}

/// As far as its counts say: an open one may run, wait or stand still.
const fn mark(run: &RunOutcome) -> Mark {
    Mark::of(match (run.open, run.failed) {
        (0, 0) => Verdict::Complete,
        (0, _) => Verdict::Failed,
        _ => Verdict::Running,
    })
}
