//! What this is.

use askama::Template;
use axum::Extension;
use axum::http::StatusCode;
use axum::response::Response;

use crate::shell::{Place, Shell, page};

#[derive(Template)]
#[template(path = "about.html")]
struct About {
    shell: Shell,
    version: &'static str,
}

/// `/about`.
pub async fn about(Extension(shell): Extension<Shell>) -> Response {
    let about = About {
        shell: shell.at(Place::About),
        version: env!("CARGO_PKG_VERSION"),
    };
    page(StatusCode::OK, &about)
}
