//! What a worker counts, in Prometheus' conventions and base units.

use std::time::Duration;

use metrics::{counter, histogram};
use shared::failure::Cause;

use crate::process::Outcome;

/// Attempts by how they ended, and for failures by class.
pub const ATTEMPTS: &str = "mega_sync_attempts_total";
/// How long they took, by how they ended.
pub const ATTEMPT_SECONDS: &str = "mega_sync_attempt_duration_seconds";

/// Counts an attempt, from the delivery of its message to its outcome.
pub fn attempt(outcome: &Outcome, took: Duration) {
    let (name, cause) = described(outcome);
    let class = cause.map_or("none", |cause| cause.class.name());
    counter!(ATTEMPTS, "outcome" => name, "class" => class).increment(1);
    histogram!(ATTEMPT_SECONDS, "outcome" => name).record(took);
}

const fn described(outcome: &Outcome) -> (&'static str, Option<&Cause>) {
    match outcome {
        Outcome::Done => ("done", None),
        Outcome::Superseded => ("superseded", None),
        Outcome::Retry { cause, .. } => ("retry", Some(cause)),
        Outcome::Deferred { cause, .. } => ("deferred", Some(cause)),
        Outcome::Failed { cause } => ("failed", Some(cause)),
        Outcome::Returned => ("returned", None),
    }
}
