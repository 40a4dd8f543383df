//! The routes, and listening until asked to stop.

use std::net::SocketAddr;
use std::sync::Arc;

use anyhow::Context as _;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::middleware::{from_fn, from_fn_with_state};
use axum::response::IntoResponse;
use axum::routing::{get, post};
use axum::{Extension, Router};
use mega::MegaClient;
use producer::broker::Broker;
use store::Store;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tower_http::compression::CompressionLayer;
use tower_http::csrf::CsrfLayer;

use crate::door::Door;
use crate::error::not_found;
use crate::live::Live;
use crate::shell::Allows;
use crate::{
    about, acting, backfill, cancel, cash_out, changes, close, closes, contratos, documents,
    empreendimento, export, figures, guard, live, maintenance, month, overview, pausing, pruning,
    requeue, runs, schedules, scheduling, shell, sign_in,
};

/// Bytes of a form, at most.
const FORM: usize = 64 * 1024;

/// What the page shows, and to whom.
pub struct Site {
    /// The ledger and the tables.
    pub store: Arc<dyn Store>,
    /// Where jobs are enqueued; none where the page only shows: then it closes no month either.
    pub broker: Option<Broker>,
    /// The ERP, whose list a run is planned over; none where none is begun here.
    pub erp: Option<MegaClient>,
    /// Who is let in; anybody on this machine where there is none.
    pub door: Option<Door>,
}

/// Shows the page on an address until `stop`; tells where it listens.
///
/// # Errors
/// When the address is taken, or the network fails.
pub async fn serve(
    site: Site,
    address: SocketAddr,
    listening: impl FnOnce(SocketAddr),
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let listener = TcpListener::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}"))?;
    listening(listener.local_addr()?);
    let live = Live::begin(Arc::clone(&site.store), stop.clone());
    let routes = routes(site, live).into_make_service_with_connect_info::<SocketAddr>();
    axum::serve(listener, routes)
        .with_graceful_shutdown(stop.cancelled_owned())
        .await
        .context("the page cannot be shown any more")
}

/// The pages. A further one is a file of handlers, a template and a line of [`shell::Place`].
fn routes(
    Site {
        store,
        broker,
        erp,
        door,
    }: Site,
    live: Arc<Live>,
) -> Router {
    let door = door.map(Arc::new);
    let allows = Allows {
        acting: broker.is_some(),
        beginning: broker.is_some() && erp.is_some(),
    };
    let (closes, schedules) = match &broker {
        Some(_) => (
            get(closes::list).post(close::act),
            get(schedules::list).post(scheduling::add),
        ),
        None => (get(closes::list), get(schedules::list)),
    };
    let mut pages = Router::new()
        .route("/", get(overview::newest))
        .route("/runs", get(runs::list))
        .route("/runs/{run}", get(overview::of_run))
        .route("/figures", get(figures::grid))
        .route("/figures/{id}", get(empreendimento::all))
        .route("/figures/{id}/{month}", get(month::one))
        .route("/figures/{id}/{month}/contratos", get(contratos::of_month))
        .route("/changes", get(changes::list))
        .route("/closes", closes)
        .route("/schedules", schedules)
        .route("/schedules/{name}", get(schedules::one))
        .route(maintenance::PATH, get(maintenance::all))
        .route("/export", get(export::file))
        .route("/cash-out", get(cash_out::month))
        .route("/about", get(about::about))
        .route("/documents/{name}", get(documents::one))
        .route("/live", get(live::events).layer(Extension(live)));
    if let Some(broker) = broker {
        let actions = Router::new()
            .route(
                "/runs/{run}/requeue",
                get(requeue::preview).post(requeue::act),
            )
            .route("/runs/{run}/resume", post(acting::resume_run))
            .route("/sign-in/retry", post(acting::retry_sign_in))
            .route("/runs/{run}/cancel", get(cancel::preview).post(cancel::act))
            .route("/schedules/{name}/pause", post(scheduling::pause))
            .route("/schedules/{name}/resume", post(scheduling::resume))
            .route("/schedules/{name}/run", post(scheduling::run_now))
            .route(
                "/schedules/{name}/remove",
                get(schedules::look_at_removal).post(scheduling::remove),
            )
            .route("/pause", post(pausing::pause))
            .route("/pause/end", post(pausing::end))
            .route("/prune", get(pruning::preview).post(pruning::act))
            .route("/closes/new", get(close::look))
            .route("/closes/reopen", post(closes::reopen_month));
        let beginning = match erp {
            Some(erp) => Router::new()
                .route("/backfill", get(backfill::look).post(backfill::act))
                .layer(Extension(erp)),
            None => Router::new(),
        };
        pages = pages.merge(actions.merge(beginning).layer(Extension(broker)));
    }
    pages = pages
        .fallback(not_found)
        .layer(from_fn(sign_in::only_operators_act));
    if let Some(door) = &door {
        let signing_in = Router::new()
            .route(sign_in::SIGN_IN, get(sign_in::form).post(sign_in::sign_in))
            .route(sign_in::SIGN_OUT, post(sign_in::sign_out))
            .layer(Extension(Arc::clone(door)));
        pages = pages.merge(signing_in);
    }
    let for_anybody = door.is_none();
    pages
        .layer(from_fn_with_state(allows, shell::surround))
        .layer(from_fn_with_state(door, sign_in::admit))
        .layer(Extension(store))
        .layer(DefaultBodyLimit::max(FORM))
        .route("/style.css", get(style))
        .route("/live.js", get(script))
        .route("/healthz", get(async || "ok\n"))
        .layer(CsrfLayer::new())
        .layer(CompressionLayer::new())
        .layer(from_fn_with_state(for_anybody, guard::guard))
}

async fn style() -> impl IntoResponse {
    embedded("text/css", include_str!("../assets/style.css"))
}

async fn script() -> impl IntoResponse {
    embedded("text/javascript", include_str!("../assets/live.js"))
}

fn embedded(kind: &'static str, text: &'static str) -> impl IntoResponse {
    (
        [(CONTENT_TYPE, kind), (CACHE_CONTROL, "max-age=3600")],
        text,
    )
}
