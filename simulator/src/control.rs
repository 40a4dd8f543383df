//! The routes under `/control`, for what runs in another process.

use std::sync::Arc;
use std::time::Duration;

use axum::extract::rejection::JsonRejection;
use axum::extract::{Json, Query, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use axum::{Router, extract::DefaultBodyLimit};
use serde::Deserialize;

use crate::call::{Route, Selector};
use crate::counters::Counters;
use crate::erp::{Erp, is_slowness};
use crate::faults::{Extent, Fault, FaultKind};
use crate::latency::Latency;
use crate::lies::Lie;
use crate::overrides::Changes;
use crate::reply;

type Shared = State<Arc<Erp>>;
/// A rejection is a text of its own, which says what is wrong with the body.
type Body<T> = Result<Json<T>, JsonRejection>;

const DEFAULT_WAIT_SECONDS: u64 = 30;

pub(crate) fn router() -> Router<Arc<Erp>> {
    Router::new()
        .route(
            "/faults",
            get(list_faults).post(add_faults).delete(clear_faults),
        )
        .route("/latency", post(set_latency))
        .route("/slowness", post(set_slowness))
        .route("/tokens", post(tokens))
        .route("/sign-in", post(sign_in))
        .route(
            "/data",
            post(change_data).layer(DefaultBodyLimit::disable()),
        )
        .route("/lies", get(list_lies).post(add_lies).delete(clear_lies))
        .route("/gate", post(close_gate).delete(open_gates))
        .route("/counters", get(counters))
        .route("/counters/reset", post(reset_counters))
        .route("/wait", get(wait))
}

async fn list_faults(State(erp): Shared) -> Json<Vec<Fault>> {
    Json(erp.faults.list())
}

async fn add_faults(State(erp): Shared, body: Body<Vec<Fault>>) -> Result<StatusCode, Response> {
    let Json(faults) = body.map_err(IntoResponse::into_response)?;
    if let Some(problem) = faults.iter().find_map(problem_of) {
        return Err(reply::error(StatusCode::UNPROCESSABLE_ENTITY, problem));
    }
    erp.faults.add(faults);
    Ok(StatusCode::NO_CONTENT)
}

fn problem_of(fault: &Fault) -> Option<&'static str> {
    match (fault.extent, &fault.kind) {
        (Extent::Share(share), _) if !(0.0..=1.0).contains(&share) => {
            Some("a share is between 0 and 1")
        }
        (_, FaultKind::Status { code, .. }) if !(200..=599).contains(code) => {
            Some("a status code is between 200 and 599")
        }
        _ => None,
    }
}

async fn clear_faults(State(erp): Shared) -> StatusCode {
    erp.faults.clear();
    StatusCode::NO_CONTENT
}

async fn set_latency(State(erp): Shared, body: Body<Latency>) -> Result<StatusCode, Response> {
    let Json(latency) = body.map_err(IntoResponse::into_response)?;
    if !latency.is_valid() {
        let message = "a latency must be finite and not negative";
        return Err(reply::error(StatusCode::UNPROCESSABLE_ENTITY, message));
    }
    erp.set_latency(latency);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Slowness {
    times: f64,
}

async fn set_slowness(State(erp): Shared, body: Body<Slowness>) -> Result<StatusCode, Response> {
    let Json(Slowness { times }) = body.map_err(IntoResponse::into_response)?;
    if !is_slowness(times) {
        let message = "times must be finite and more than zero";
        return Err(reply::error(StatusCode::UNPROCESSABLE_ENTITY, message));
    }
    erp.set_slowness(times);
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct TokenChange {
    lifetime_seconds: Option<u64>,
    void_access: bool,
    void_all: bool,
}

async fn tokens(State(erp): Shared, body: Body<TokenChange>) -> Result<StatusCode, Response> {
    let Json(change) = body.map_err(IntoResponse::into_response)?;
    if let Some(seconds) = change.lifetime_seconds {
        erp.accounts.set_lifetime(Duration::from_secs(seconds));
    }
    if change.void_all {
        erp.accounts.void_all();
    } else if change.void_access {
        erp.accounts.void_access();
    }
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct SignInChange {
    refuse: Option<bool>,
    unlock: bool,
}

async fn sign_in(State(erp): Shared, body: Body<SignInChange>) -> Result<StatusCode, Response> {
    let Json(change) = body.map_err(IntoResponse::into_response)?;
    if let Some(refuse) = change.refuse {
        erp.accounts.refuse(refuse);
    }
    if change.unlock {
        erp.accounts.unlock();
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn change_data(State(erp): Shared, body: Body<Changes>) -> Result<StatusCode, Response> {
    let Json(changes) = body.map_err(IntoResponse::into_response)?;
    erp.data.change(|overrides| overrides.apply(changes));
    Ok(StatusCode::NO_CONTENT)
}

async fn list_lies(State(erp): Shared) -> Json<Vec<Lie>> {
    Json(erp.data.lies())
}

async fn add_lies(State(erp): Shared, body: Body<Vec<Lie>>) -> Result<StatusCode, Response> {
    let Json(lies) = body.map_err(IntoResponse::into_response)?;
    if let Some(problem) = lies.iter().find_map(Lie::problem) {
        return Err(reply::error(StatusCode::UNPROCESSABLE_ENTITY, problem));
    }
    erp.data.change_lies(|told| told.extend(lies));
    Ok(StatusCode::NO_CONTENT)
}

async fn clear_lies(State(erp): Shared) -> StatusCode {
    erp.data.change_lies(Vec::clear);
    StatusCode::NO_CONTENT
}

async fn close_gate(State(erp): Shared, body: Body<Selector>) -> Result<StatusCode, Response> {
    let Json(selector) = body.map_err(IntoResponse::into_response)?;
    erp.gates.close(selector);
    Ok(StatusCode::NO_CONTENT)
}

async fn open_gates(State(erp): Shared) -> StatusCode {
    erp.gates.open_all();
    StatusCode::NO_CONTENT
}

async fn counters(State(erp): Shared) -> Json<Counters> {
    Json(erp.tally.snapshot())
}

async fn reset_counters(State(erp): Shared) -> StatusCode {
    erp.tally.reset();
    StatusCode::NO_CONTENT
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Wait {
    route: Route,
    calls: u64,
    timeout_seconds: Option<u64>,
}

/// Answers the counters when enough calls have arrived, or 408.
async fn wait(State(erp): Shared, Query(wait): Query<Wait>) -> Response {
    let limit = Duration::from_secs(wait.timeout_seconds.unwrap_or(DEFAULT_WAIT_SECONDS));
    let arrived = erp
        .tally
        .wait_until(|counters| counters.calls_of(wait.route) >= wait.calls);
    erp.unless_stopping(async {
        match tokio::time::timeout(limit, arrived).await {
            Ok(counters) => Json(counters).into_response(),
            Err(_) => reply::error(StatusCode::REQUEST_TIMEOUT, "not that many calls arrived"),
        }
    })
    .await
}
