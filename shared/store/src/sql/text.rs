//! Texts and numbers of the ledger's columns, and what they stand for.

use domain::failure::Cause;
use domain::job::{Payables, RunId, Target};
use domain::ledger::JobState;
use domain::schedule::ScheduleName;
use domain::store_error::StoreError;
use sqlx::types::Json;

use crate::error::Failure;

/// The ledger holds something this build cannot read; names what, never the value.
pub fn unreadable(what: &str) -> Failure {
    Failure(StoreError::Refused(format!(
        "the ledger holds an unreadable {what}"
    )))
}

pub fn cause(
    class: Option<String>,
    fingerprint: Option<String>,
    message: Option<String>,
) -> Result<Option<Cause>, Failure> {
    let Some(class) = class else { return Ok(None) };
    Ok(Some(Cause {
        class: class.parse().map_err(|_| unreadable("failure class"))?,
        fingerprint: fingerprint.unwrap_or_default(),
        message: message.unwrap_or_default(),
    }))
}

pub fn state(name: &str) -> Result<JobState, Failure> {
    name.parse().map_err(|_| unreadable("job state"))
}

pub fn target(text: &str) -> Result<Target, Failure> {
    text.parse().map_err(|_| unreadable("target"))
}

pub fn run_id(text: String) -> Result<RunId, Failure> {
    RunId::try_from(text).map_err(|_| unreadable("run"))
}

pub fn schedule(name: String) -> Result<ScheduleName, Failure> {
    name.parse().map_err(|_| unreadable("schedule"))
}

/// What a run does about payables; earlier versions recorded nothing of it.
pub fn payables(recorded: Option<Json<Payables>>) -> Payables {
    recorded.map(|Json(payables)| payables).unwrap_or_default()
}

/// A count; the columns are 64-bit and never negative.
pub fn count(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}
