//! What is counted of the ERP, in Prometheus' conventions and base units. Nothing is counted where
//! the process has no recorder.

use std::borrow::Cow;
use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};

use crate::error::MegaError;
use crate::route::Route;

/// Calls by route and status.
pub const ERP_CALLS: &str = "mega_sync_erp_calls_total";
/// How long they took, by route.
pub const ERP_CALL_SECONDS: &str = "mega_sync_erp_call_duration_seconds";
/// Sign-ins and renewals by route and outcome.
pub const SIGN_INS: &str = "mega_sync_sign_ins_total";

/// Tells the recorder what these measures mean.
pub fn describe() {
    describe_counter!(
        ERP_CALLS,
        "Data calls to the ERP, by route and HTTP status, or by what came instead of one"
    );
    describe_histogram!(
        ERP_CALL_SECONDS,
        Unit::Seconds,
        "Time of a call to the ERP, from sending it to the last byte of its answer"
    );
    describe_counter!(
        SIGN_INS,
        "Calls for an ERP session, by route (SignIn, RefreshToken) and outcome"
    );
}

/// Counts a data call by the status it was answered with, or the error it met instead.
pub(crate) fn erp_call(route: Route, status: Result<u16, &MegaError>, took: Duration) {
    let status = match status {
        Ok(status) => Cow::Owned(status.to_string()),
        Err(error) => without_success(error),
    };
    counter!(ERP_CALLS, "route" => route.name(), "status" => status).increment(1);
    histogram!(ERP_CALL_SECONDS, "route" => route.name()).record(took);
}

/// Counts a call for a session by its outcome.
pub(crate) fn sign_in(route: Route, outcome: &'static str, took: Duration) {
    counter!(SIGN_INS, "route" => route.name(), "outcome" => outcome).increment(1);
    histogram!(ERP_CALL_SECONDS, "route" => route.name()).record(took);
}

fn without_success(error: &MegaError) -> Cow<'static, str> {
    Cow::Borrowed(match error {
        MegaError::Throttled { status, .. }
        | MegaError::Unavailable { status, .. }
        | MegaError::RefusedItem { status, .. } => return Cow::Owned(status.to_string()),
        MegaError::Unauthorized { .. } => "401",
        MegaError::Timeout { .. } => "timeout",
        MegaError::Connection { .. } => "no-connection",
        MegaError::Truncated { .. } => "broken-off",
        MegaError::NotJson { .. } => "not-json",
        MegaError::TooLarge { .. } => "too-large",
        MegaError::Shape { .. } => "other-shape",
        MegaError::Away | MegaError::SignInRefused { .. } | MegaError::SessionStore(_) => {
            "not-made"
        }
    })
}
