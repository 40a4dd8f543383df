//! What keeps the fleet in order: its pause, pruning, and the notifications that were sent.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;
use domain::ledger::Pause;
use store::{NotificationRecord, Store, StoreError};

use crate::error::failed;
use crate::meanings::event;
use crate::pausing::ToPause;
use crate::problem::Problem;
use crate::shell::{Place, Shell, page};

/// Where it is.
pub const PATH: &str = "/maintenance";
/// Notifications that are listed.
const LISTED: u32 = 60;

#[derive(Template)]
#[template(path = "maintenance.html")]
struct Maintenance {
    shell: Shell,
    pause: Option<Pause>,
    /// The form of a new pause.
    asked: ToPause,
    problem: Option<Problem>,
    /// The newest first.
    notifications: Vec<NotificationRecord>,
}

/// `GET /maintenance`.
pub async fn all(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
) -> Response {
    show(shell, &*store, ToPause::default(), None).await
}

/// The page, with the form of a pause as it was sent and what is wrong.
pub async fn show(
    shell: Shell,
    store: &dyn Store,
    asked: ToPause,
    problem: Option<Problem>,
) -> Response {
    let found = async {
        let pause = store.pause_of_fleet().await?;
        Ok::<_, StoreError>((pause, store.notifications(LISTED).await?))
    };
    let (pause, notifications) = match found.await {
        Ok(found) => found,
        Err(error) => return failed(shell, error),
    };
    let status = match &problem {
        Some(_) => StatusCode::UNPROCESSABLE_ENTITY,
        None => StatusCode::OK,
    };
    let maintenance = Maintenance {
        shell: shell.at(Place::Maintenance),
        pause,
        asked,
        problem,
        notifications,
    };
    page(status, &maintenance)
}

impl Maintenance {
    /// What an event is called; a word of another version stays as it is.
    fn called<'a>(&self, name: &'a str) -> &'a str {
        event(name).map_or(name, |called| called.of(self.shell.language))
    }
}
