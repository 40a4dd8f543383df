//! `/healthz`, `/readyz` and `/metrics` of a worker, where it is told to listen.

use std::fmt::Write as _;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::routing::get;
use metrics_exporter_prometheus::{BuildError, Matcher, PrometheusBuilder, PrometheusHandle};
use thiserror::Error;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

use crate::measures::ATTEMPT_SECONDS;
use crate::run::Worker;

/// Bounds of the buckets of an attempt's duration, in seconds.
const ATTEMPT_BUCKETS: [f64; 9] = [0.1, 0.5, 1.0, 5.0, 15.0, 60.0, 300.0, 900.0, 1500.0];
/// Longest that one of the links may take to answer before it counts as away.
const LINK_PATIENCE: Duration = Duration::from_secs(5);
/// How often what was counted is folded into the histograms.
const UPKEEP: Duration = Duration::from_secs(5);

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
    let attempts = Matcher::Full(ATTEMPT_SECONDS.to_owned());
    let metrics = PrometheusBuilder::new()
        .set_buckets_for_metric(attempts, &ATTEMPT_BUCKETS)?
        .install_recorder()?;
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

/// 200 when work can be done, else 503; a line for each thing that work needs, and how it stands.
async fn readyz(State(health): State<Arc<Health>>) -> (StatusCode, String) {
    let worker = &health.worker;
    let (database, broker) = tokio::join!(
        answered(worker.store.ping()),
        answered(worker.queue.depths()),
    );
    let sign_in = match worker.store.session().await {
        Ok(session) => match session.refused {
            Some(refusal) => Err(format!("refused at {}: {}", refusal.at, refusal.why)),
            None => Ok(()),
        },
        Err(error) => Err(error.to_string()),
    };
    let erp = match worker.mega.is_known_to_be_away() {
        true => Err("most calls fail; work waits until it answers".to_owned()),
        false => Ok(()),
    };
    let links = [
        ("database", database),
        ("broker", broker),
        ("sign-in", sign_in),
        ("erp", erp),
    ];
    let mut text = String::new();
    for (link, state) in &links {
        _ = match state {
            Ok(()) => writeln!(text, "{link}: ok"),
            Err(why) => writeln!(text, "{link}: {why}"),
        };
    }
    match links.iter().all(|(_, state)| state.is_ok()) {
        true => (StatusCode::OK, text),
        false => (StatusCode::SERVICE_UNAVAILABLE, text),
    }
}

async fn answered<T, E: ToString>(
    answer: impl Future<Output = Result<T, E>>,
) -> Result<(), String> {
    match tokio::time::timeout(LINK_PATIENCE, answer).await {
        Ok(Ok(_)) => Ok(()),
        Ok(Err(error)) => Err(error.to_string()),
        Err(_) => Err(format!("no answer within {} s", LINK_PATIENCE.as_secs())),
    }
}

async fn exposition(State(health): State<Arc<Health>>) -> String {
    let mega = &health.worker.mega;
    metrics::gauge!("mega_sync_erp_calls_in_flight").set(mega.in_flight() as f64);
    metrics::gauge!("mega_sync_erp_away").set(f64::from(u8::from(mega.is_known_to_be_away())));
    if let Ok(session) = health.worker.store.session().await {
        let refused = f64::from(u8::from(session.refused.is_some()));
        metrics::gauge!("mega_sync_sign_in_refused").set(refused);
    }
    health.metrics.render()
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
