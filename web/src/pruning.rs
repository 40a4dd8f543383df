//! Pruning: first how much it would remove, then the prune, as the command does it.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use chrono::{DateTime, Utc};
use producer::broker::Broker;
use producer::cli::{PruneArgs, read_flags};
use producer::commands::prune;
use store::Store;

use crate::acting::with_queue;
use crate::error::{failed, forbidden, refused, unreadable};
use crate::meanings::pruned;
use crate::shell::{Place, Shell, page};

/// The command without any flag: as the settings have it.
fn without_flags() -> Result<PruneArgs, clap::Error> {
    read_flags::<PruneArgs>([""; 0])
}

#[derive(Template)]
#[template(path = "prune.html")]
struct Preview {
    shell: Shell,
    /// What is older.
    before: DateTime<Utc>,
    /// Rows that it would remove, by what they are called; only those of which there are any.
    rows: Vec<(&'static str, String)>,
}

/// `GET /prune`: how much it would remove. Changes nothing.
pub async fn preview(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
) -> Response {
    if !shell.acts {
        return forbidden(shell);
    }
    let Ok(arguments) = without_flags() else {
        return unreadable(shell);
    };
    let before = Utc::now() - arguments.older_than;
    let found = match store.prunable(before).await {
        Ok(found) => found,
        Err(error) => return failed(shell, error),
    };
    let rows = found.iter().filter(|(_, rows)| *rows > 0);
    let rows = rows.map(|(kind, rows)| {
        let called = pruned(kind).map_or(kind, |called| called.of(shell.language));
        (called, shell.language.number(&rows.to_string()))
    });
    let preview = Preview {
        rows: rows.collect(),
        shell: shell.at(Place::Maintenance),
        before,
    };
    page(StatusCode::OK, &preview)
}

/// `POST /prune`: prunes, and goes to what is left to prune.
pub async fn act(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Extension(broker): Extension<Broker>,
) -> Response {
    let Ok(arguments) = without_flags() else {
        return unreadable(shell);
    };
    let done = with_queue(&shell, &*store, &broker, async |console, enqueuer| {
        let queue = Some(enqueuer.queue);
        prune::prune(console, enqueuer.store, queue, &arguments).await
    });
    match done.await {
        Ok(_) => Redirect::to("/prune").into_response(),
        Err(error) => refused(shell, &error),
    }
}
