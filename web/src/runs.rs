//! Runs, the newest first, page by page.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::extract::Query;
use axum::http::StatusCode;
use axum::response::Response;
use domain::job::RunId;
use domain::ledger::RunOutcome;
use domain::schedule::Planning;
use producer::report::Verdict;
use store::{RunFilter, Store};
use strum::VariantArray as _;

use crate::error::failed;
use crate::shell::{Place, Shell, page};
use crate::verdict::Mark;
use crate::words::Words;

/// How many a page lists.
const LISTED: usize = 60;

/// What is asked for; what cannot be read is as if it were not there.
#[derive(Debug, serde::Deserialize)]
pub struct Asked {
    /// Only runs in this state.
    state: Option<String>,
    /// Only runs older than this one.
    before: Option<String>,
}

#[derive(Template)]
#[template(path = "runs.html")]
struct RunsPage {
    shell: Shell,
    filter: RunFilter,
    /// Whether it is a page of older runs.
    paged: bool,
    runs: Vec<RunOutcome>,
    /// The last run of this page, where older ones follow.
    last: Option<RunId>,
}

/// `/runs`.
pub async fn list(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Query(asked): Query<Asked>,
) -> Response {
    let filter = asked.state.and_then(|name| name.parse().ok());
    let filter = filter.unwrap_or_default();
    let before: Option<RunId> = asked.before.and_then(|run| run.parse().ok());
    // One more than is shown tells whether older ones follow.
    let runs = store.recent_runs(filter, before.as_ref(), LISTED as u32 + 1);
    let mut runs = match runs.await {
        Ok(runs) => runs,
        Err(error) => return failed(shell, error),
    };
    let more = runs.len() > LISTED;
    runs.truncate(LISTED);
    let last = runs.last().map(|run| run.run.id.clone());
    let listed = RunsPage {
        shell: shell.at(Place::Runs),
        filter,
        paged: before.is_some(),
        last: last.filter(|_| more),
        runs,
    };
    page(StatusCode::OK, &listed)
}

/// As far as its counts say: an open one may run, wait or stand still.
const fn mark(run: &RunOutcome) -> Mark {
    Mark::of(match (&run.run.planning, run) {
        (Some(Planning::Open { .. }), _) => Verdict::Planning,
        (Some(Planning::Refused { .. }), _) => Verdict::Refused,
        (None, RunOutcome { open: 1.., .. }) => Verdict::Running,
        (None, RunOutcome { failed: 1.., .. }) => Verdict::Failed,
        (None, RunOutcome { cancelled: 1.., .. }) => Verdict::Cancelled,
        (None, _) => Verdict::Complete,
    })
}

/// What a filter is called.
const fn name(filter: &RunFilter, words: &'static Words) -> &'static str {
    match filter {
        RunFilter::All => words.all_runs,
        RunFilter::Open => words.open_runs,
        RunFilter::Failed => words.failed_runs,
        RunFilter::Complete => words.complete_runs,
    }
}
