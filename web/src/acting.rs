//! What the page does beside showing, as the commands do it: publish what is missing of a run, and let
//! the fleet sign in again.

use std::sync::Arc;

use axum::Extension;
use axum::extract::Path;
use axum::response::{IntoResponse as _, Redirect, Response};
use domain::job::RunId;
use producer::broker::Broker;
use producer::cli::ResumeArgs;
use producer::commands::resume;
use producer::console::Console;
use producer::error::CommandError;
use producer::program::Program;
use producer::publish::{Enqueuer, Publishing};
use store::Store;

use crate::error::{failed, not_found, refused};
use crate::shell::Shell;

/// `POST /runs/ID/resume`: publishes what is missing of a run, and goes back to it.
pub async fn resume_run(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Extension(broker): Extension<Broker>,
    Path(run): Path<String>,
) -> Response {
    let Ok(run) = run.parse::<RunId>() else {
        return not_found(Extension(shell)).await;
    };
    let back = format!("/runs/{run}");
    let arguments = ResumeArgs { run: Some(run) };
    let resumed = with_queue(&shell, &*store, &broker, async |console, enqueuer| {
        resume(console, enqueuer, &arguments).await
    });
    match resumed.await {
        Ok(_) => Redirect::to(&back).into_response(),
        Err(error) => refused(shell, &error),
    }
}

/// `POST /sign-in/retry`: lets the fleet sign in again, and goes back to the newest run.
pub async fn retry_sign_in(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
) -> Response {
    match store.lift_refusal(&shell.who()).await {
        Ok(_) => {
            tracing::info!(by = shell.who(), "the fleet may sign in again");
            Redirect::to("/").into_response()
        }
        Err(error) => failed(shell, error),
    }
}

/// Does what a command does, for whoever asks; what it would tell an operator goes to the log.
pub async fn as_command<T>(
    shell: &Shell,
    command: impl AsyncFnOnce(&mut Console<'_>) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    let mut told = Vec::new();
    let console = Console::captured(Program::Producer, std::io::sink(), &mut told);
    let mut console = console.for_whom(shell.who());
    let done = command(&mut console).await;
    drop(console);
    let told = String::from_utf8_lossy(&told);
    tracing::info!(by = shell.who(), "{}", told.trim_end());
    done
}

/// The same for a command that needs a queue: over one of its own.
pub async fn with_queue<T>(
    shell: &Shell,
    store: &dyn Store,
    broker: &Broker,
    command: impl AsyncFnOnce(&mut Console<'_>, Enqueuer<'_>) -> Result<T, CommandError>,
) -> Result<T, CommandError> {
    // Connected before anything is changed: a broker that is away changes nothing.
    let queue = broker.queue().await?;
    let enqueuer = Enqueuer {
        store,
        queue: &*queue,
        publishing: Publishing::Missing,
    };
    as_command(shell, async |console| command(console, enqueuer).await).await
}
