//! What can go wrong with a job.

use std::time::Duration;

use domain::checks::Check;
use domain::failure::{Cause, FailureClass};
use domain::job::ContratoId;
use mega::MegaError;
use store::StoreError;
use thiserror::Error;

/// Why a job did not commit.
#[derive(Debug, Error)]
pub enum JobError {
    /// A call to the ERP failed for good.
    #[error("{}{source}", contrato.map(|id| format!("contrato {id}: ")).unwrap_or_default())]
    Mega {
        /// The contrato whose parcelas were asked for, if that was the call.
        contrato: Option<ContratoId>,
        /// What the call met.
        source: MegaError,
    },
    /// The database did not answer, or refused.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// What the ERP sent, or what was made of it, does not hold.
    #[error("{}", reasons(.0))]
    Checks(Vec<Check>),
    /// The attempt took longer than a job may.
    #[error("not finished within {} s, the MEGA_SYNC_ATTEMPT_DEADLINE", .0.as_secs())]
    Deadline(Duration),
    /// No attempt can be short enough.
    #[error(
        "{contratos} contratos take {} s or more with {calls} calls at once, longer than the {} s of \
         MEGA_SYNC_ATTEMPT_DEADLINE: raise it, below the broker's consumer_timeout, or \
         MEGA_SYNC_HTTP_CONCURRENCY",
        least.as_secs(), deadline.as_secs()
    )]
    CannotFit {
        /// Contratos to ask for.
        contratos: usize,
        /// Calls in flight of the whole fleet.
        calls: usize,
        /// The least time these calls take.
        least: Duration,
        /// Longest time of an attempt.
        deadline: Duration,
    },
    /// The job ended its worker too often to be tried again by itself.
    #[error("its worker died {0} times while working on it")]
    Crashes(u32),
    /// The code panicked.
    #[error("panicked: {0}")]
    Panicked(String),
}

impl JobError {
    /// Its class: the one place where an error becomes a decision.
    pub fn class(&self) -> FailureClass {
        match self {
            Self::Mega { source, .. } => source.class(),
            Self::Store(error) => error.class(),
            // In their order: an acceptance does not help while another check fails.
            Self::Checks(checks) => checks
                .iter()
                .find_map(Check::class)
                .unwrap_or(FailureClass::Bug),
            Self::Deadline(_) => FailureClass::Transient,
            // The settings and the ERP do not fit: the same again changes nothing.
            Self::CannotFit { .. } => FailureClass::Data,
            Self::Crashes(_) | Self::Panicked(_) => FailureClass::Bug,
        }
    }

    /// What makes two failures the same cause: stable words, no identifiers or amounts.
    pub fn fingerprint(&self) -> String {
        let cause = match self {
            Self::Mega { source, .. } => source.fingerprint(),
            Self::Store(error) => error.fingerprint().to_owned(),
            Self::Checks(checks) => failed(checks).next().map(named).unwrap_or_default(),
            Self::Deadline(_) => "deadline".to_owned(),
            Self::CannotFit { .. } => "cannot-fit-deadline".to_owned(),
            Self::Crashes(_) => "worker-crashes".to_owned(),
            Self::Panicked(_) => "panic".to_owned(),
        };
        format!("{}/{cause}", self.class())
    }

    /// The checks that were made, where one of them failed the job.
    pub fn into_checks(self) -> Vec<Check> {
        match self {
            Self::Checks(checks) => checks,
            _ => Vec::new(),
        }
    }

    /// How long the ERP asked to wait, if it did.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Mega { source, .. } => source.retry_after(),
            _ => None,
        }
    }
}

/// The checks that fail a job.
fn failed(checks: &[Check]) -> impl Iterator<Item = &Check> {
    checks.iter().filter(|check| check.class().is_some())
}

/// A check with the measure or field that does not hold; a contrato's code is no cause.
fn named(check: &Check) -> String {
    let word = check.subjects.first();
    match word.filter(|word| word.parse::<i64>().is_err()) {
        Some(word) => format!("{}-{word}", check.name),
        None => check.name.to_string(),
    }
}

fn reasons(checks: &[Check]) -> String {
    let reasons: Vec<_> = failed(checks)
        .map(|check| format!("{}: {}", check.name, check.observed))
        .collect();
    let implausible = |check: &Check| check.class() == Some(FailureClass::Implausible);
    let way_out = match failed(checks).all(implausible) {
        true => "; if that is right: requeue --accept-change",
        false => "",
    };
    format!("{}{way_out}", reasons.join("; "))
}

impl From<&JobError> for Cause {
    fn from(error: &JobError) -> Self {
        Self {
            class: error.class(),
            fingerprint: error.fingerprint(),
            message: error.to_string(),
        }
    }
}
