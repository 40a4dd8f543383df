//! The routes, and listening until asked to stop.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware;
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Extension, Router};
use queue::BrokerConfig;
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::error::not_found;
use crate::{
    about, acting, cash_out, empreendimento, figures, guard, overview, requeue, runs, shell,
};

/// Shows the page on an address until `stop`; tells where it listens. Without a broker it only shows.
///
/// # Errors
/// When the address is taken, or the network fails.
pub async fn serve(
    store: Arc<dyn Store>,
    broker: Option<BrokerConfig>,
    address: SocketAddr,
    listening: impl FnOnce(SocketAddr),
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))?;
    listening(listener.local_addr()?);
    axum::serve(listener, routes(store, broker))
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
        .context("the page cannot be shown any more")
}

/// The pages. A further one is a file of handlers, a template and a line of [`shell::Place`].
fn routes(store: Arc<dyn Store>, broker: Option<BrokerConfig>) -> Router {
    let pages = Router::new()
        .route("/", get(overview::newest))
        .route("/runs", get(runs::list))
        .route("/runs/{run}", get(overview::of_run))
        .route("/figures", get(figures::grid))
        .route("/figures/{id}", get(empreendimento::all))
        .route("/figures/{id}/{month}", get(empreendimento::month))
        .route("/cash-out", get(cash_out::month))
        .route("/about", get(about::about));
    let pages = match broker {
        Some(broker) => pages
            .route(
                "/runs/{run}/requeue",
                get(requeue::preview).post(requeue::act),
            )
            .route("/runs/{run}/resume", post(acting::resume_run))
            .route("/sign-in/retry", post(acting::retry_sign_in))
            .layer(Extension(Arc::new(broker))),
        None => pages,
    };
    pages
        .fallback(not_found)
        .layer(middleware::from_fn(shell::chosen_language))
        .route("/style.css", get(style))
        .route("/healthz", get(async || "ok\n"))
        .layer(middleware::from_fn(guard::guard))
        .layer(Extension(store))
}

async fn style() -> impl IntoResponse {
    let headers = [(CONTENT_TYPE, "text/css"), (CACHE_CONTROL, "max-age=3600")];
    (headers, include_str!("../assets/style.css"))
}
