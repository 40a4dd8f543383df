//! What a worker counts, in Prometheus' conventions and base units.

use std::time::{Duration, Instant};

use domain::checks::{Check, CheckName, CheckVerdict};
use domain::failure::{Cause, Disposition, FailureClass};
use domain::ledger::Committed;
use metrics::{Unit, counter, describe_counter, describe_histogram, histogram};
use store::StoreError;

use crate::outcome::Outcome;

/// Attempts by how they ended, and for failures by class.
pub const ATTEMPTS: &str = "mega_sync_attempts_total";
/// How long they took, by how they ended.
pub const ATTEMPT_SECONDS: &str = "mega_sync_attempt_duration_seconds";
/// How long commits took, by what came of them.
pub const COMMIT_SECONDS: &str = "mega_sync_commit_duration_seconds";
/// Commits that a newer attempt kept from writing.
pub const FENCED: &str = "mega_sync_commits_fenced_total";
/// Checks made before a commit, or that kept a job from it, by name and verdict.
pub const CHECKS: &str = "mega_sync_checks_total";
/// Parcelas received.
pub const PARCELAS: &str = "mega_sync_parcelas_read_total";

/// Tells the recorder what these metrics mean, and counts from zero: a rate sees the first event
/// only of a series that was there before it.
pub fn begin() {
    describe_counter!(
        ATTEMPTS,
        "Attempts at jobs by outcome, and by the class of the failure"
    );
    describe_histogram!(
        ATTEMPT_SECONDS,
        Unit::Seconds,
        "Time from the delivery of a job's message to its outcome"
    );
    describe_histogram!(
        COMMIT_SECONDS,
        Unit::Seconds,
        "Time of the transaction that publishes a result, by what came of it"
    );
    describe_counter!(
        FENCED,
        "Commits that wrote nothing because a newer attempt had the job"
    );
    describe_counter!(
        PARCELAS,
        "Parcelas received, readable or not, with those of attempts that failed later"
    );
    describe_counter!(
        CHECKS,
        "Checks made of what the ERP sent, by check, and by verdict: passed, noted, accepted, failed"
    );
    for outcome in ["done", "superseded", "cancelled", "returned"] {
        attempts(outcome, "none").absolute(0);
    }
    for class in FailureClass::ALL {
        let outcomes: &[&str] = match class.disposition() {
            Disposition::Retry => &["retry", "deferred", "failed"],
            Disposition::Defer => &["deferred"],
            Disposition::Fail => &["failed"],
        };
        for outcome in outcomes {
            attempts(outcome, class.name()).absolute(0);
        }
    }
    // Those that a worker makes; the catalogue is the producer's to check.
    let made = |check: &CheckName| *check != CheckName::PlausibleCatalogue;
    for check in CheckName::ALL.iter().copied().filter(made) {
        for &verdict in CheckVerdict::ALL {
            checked(check, verdict).absolute(0);
        }
    }
    counter!(FENCED).absolute(0);
    counter!(PARCELAS).absolute(0);
}

/// Counts an attempt, from the delivery of its message to its outcome.
pub fn attempt(outcome: &Outcome, took: Duration) {
    let (name, cause) = described(outcome);
    let class = cause.map_or("none", |cause| cause.class.name());
    attempts(name, class).increment(1);
    histogram!(ATTEMPT_SECONDS, "outcome" => name).record(took);
}

/// Counts a commit once it is over, with the checks it was made under, and gives back what it gave.
///
/// # Errors
/// Those of the commit.
pub async fn commit(
    committing: impl Future<Output = Result<Committed, StoreError>>,
    made: &[Check],
) -> Result<Committed, StoreError> {
    let began = Instant::now();
    let committed = committing.await;
    let outcome = match &committed {
        Ok(Committed::Applied { kept }) => {
            checks(made);
            checks(&[Check::newer_stays(kept)]);
            "applied"
        }
        Ok(Committed::Fenced) => {
            counter!(FENCED).increment(1);
            "fenced"
        }
        Err(_) => "failed",
    };
    histogram!(COMMIT_SECONDS, "outcome" => outcome).record(began.elapsed());
    committed
}

/// Counts checks that were made.
pub fn checks(made: &[Check]) {
    for check in made {
        checked(check.name, check.verdict).increment(1);
    }
}

fn checked(name: CheckName, verdict: CheckVerdict) -> metrics::Counter {
    counter!(CHECKS, "check" => name.name(), "verdict" => verdict.name())
}

/// Counts the parcelas of a contrato.
pub fn parcelas(read: u64) {
    counter!(PARCELAS).increment(read);
}

fn attempts(outcome: &'static str, class: &'static str) -> metrics::Counter {
    counter!(ATTEMPTS, "outcome" => outcome, "class" => class)
}

const fn described(outcome: &Outcome) -> (&'static str, Option<&Cause>) {
    match outcome {
        Outcome::Done => ("done", None),
        Outcome::Superseded => ("superseded", None),
        Outcome::Cancelled => ("cancelled", None),
        Outcome::Retry { cause, .. } => ("retry", Some(cause)),
        Outcome::Deferred { cause, .. } => ("deferred", Some(cause)),
        Outcome::Failed { cause } => ("failed", Some(cause)),
        Outcome::Returned => ("returned", None),
    }
}
