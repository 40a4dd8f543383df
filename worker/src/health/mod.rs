//! `/healthz`, `/readyz` and `/metrics` of a worker, where it is told to listen.

mod check;
mod connections;
mod gauges;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use mega::metrics::ERP_CALL_SECONDS;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

pub use self::check::{CheckError, Probe, check};
use self::connections::Connections;
use crate::metrics::{self, ATTEMPT_SECONDS, COMMIT_SECONDS};
use crate::worker::Worker;

/// Bounds of the buckets of an attempt's duration, in seconds; the last is its deadline.
const ATTEMPT_BUCKETS: [f64; 14] = [
    0.1, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0, 600.0, 900.0, 1200.0, 1500.0,
];
/// The same of a commit, which the database gives up after 60 seconds a statement.
const COMMIT_BUCKETS: [f64; 12] = [
    0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0,
];
/// The same of a call to the ERP, whose limit is 60 seconds unless set otherwise.
const CALL_BUCKETS: [f64; 11] = [0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0, 30.0, 60.0];
/// How often what was counted is folded into the histograms.
const UPKEEP: Duration = Duration::from_secs(5);
/// The media type of Prometheus' text format.
const EXPOSITION: &str = "text/plain; version=0.0.4; charset=utf-8";

/// Why a worker cannot be asked about its health.
#[derive(Debug, Error)]
pub enum HealthError {
    /// The address cannot be listened on.
    #[error("cannot listen on {address}: {source}")]
    Listen {
        /// The address asked for.
        address: SocketAddr,
        /// What the system says.
        source: std::io::Error,
    },
    /// Something else in this process counts already.
    #[error("metrics cannot be counted: {0}")]
    Metrics(#[from] BuildError),
}

struct Health {
    worker: Arc<Worker>,
    metrics: PrometheusHandle,
}

/// Answers on `address` until `stop`.
///
/// # Errors
/// When it cannot listen there.
pub async fn serve(
    worker: Arc<Worker>,
    address: SocketAddr,
    stop: CancellationToken,
) -> Result<(), HealthError> {
    let listener = TcpListener::bind(address).await;
    let listener = listener.map_err(|source| HealthError::Listen { address, source })?;
    let metrics = recorder()?;
    info!(address = %listener.local_addr().unwrap_or(address), "health is answered");

    let routes = Router::new()
        .route("/healthz", get(async || "alive\n"))
        .route("/readyz", get(readyz))
        .route("/metrics", get(exposition))
        .with_state(Arc::new(Health {
            worker,
            metrics: metrics.clone(),
        }));
    tokio::spawn(upkeep(metrics, stop.clone()));
    tokio::spawn(async move {
        let serving = axum::serve(listener, routes);
        if let Err(error) = serving.with_graceful_shutdown(stop.cancelled_owned()).await {
            warn!("health is no longer answered: {error}");
        }
    });
    Ok(())
}

/// Starts to count.
fn recorder() -> Result<PrometheusHandle, BuildError> {
    let mut builder = PrometheusBuilder::new();
    for (name, buckets) in [
        (ATTEMPT_SECONDS, &ATTEMPT_BUCKETS[..]),
        (COMMIT_SECONDS, &COMMIT_BUCKETS[..]),
        (ERP_CALL_SECONDS, &CALL_BUCKETS[..]),
    ] {
        builder = builder.set_buckets_for_metric(Matcher::Full(name.to_owned()), buckets)?;
    }
    let metrics = builder.install_recorder()?;
    mega::metrics::describe();
    metrics::begin();
    gauges::describe();
    Ok(metrics)
}

/// 200 when work can be done, else 503; a line for each thing that work needs, and how it stands.
async fn readyz(State(health): State<Arc<Health>>) -> (StatusCode, String) {
    let connections = Connections::of(&health.worker).await;
    match connections.are_ready() {
        true => (StatusCode::OK, connections.to_string()),
        false => (StatusCode::SERVICE_UNAVAILABLE, connections.to_string()),
    }
}

async fn exposition(State(health): State<Arc<Health>>) -> impl IntoResponse {
    gauges::read(&health.worker).await;
    ([(CONTENT_TYPE, EXPOSITION)], health.metrics.render())
}

/// Keeps the histograms from growing with what nobody scrapes.
async fn upkeep(metrics: PrometheusHandle, stop: CancellationToken) {
    let mut ticks = tokio::time::interval(UPKEEP);
    loop {
        tokio::select! {
            _ = ticks.tick() => metrics.run_upkeep(),
            () = stop.cancelled() => return,
        }
    }
}
