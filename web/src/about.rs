//! What this is.

use std::sync::Arc;

use askama::Template;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;
use store::Store;

use crate::documents::{Document, for_readers_of};
use crate::shell::{Place, Shell, page};

#[derive(Template)]
#[template(path = "about.html")]
struct About {
    shell: Shell,
    version: &'static str,
    /// The database and its version; none while it is away.
    database: Option<String>,
}

/// `/about`.
pub async fn about(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
) -> Response {
    let database = store.diagnose().await;
    let about = About {
        shell: shell.at(Place::About),
        version: env!("CARGO_PKG_VERSION"),
        database: database.ok().map(|diagnosis| diagnosis.version),
    };
    page(StatusCode::OK, &about)
}

impl About {
    fn documents(&self) -> impl Iterator<Item = &'static Document> {
        for_readers_of(self.shell.language)
    }
}
