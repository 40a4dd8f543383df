//! What becomes of a job in hand.

use std::time::Duration;

use domain::failure::{Cause, FailureClass};

/// What became of a job; `settle` reports it to the broker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// Committed, now or before.
    Done,
    /// A newer attempt or run has it.
    Superseded,
    /// A person cancelled it, now or before.
    Cancelled,
    /// It is tried again after this long.
    Retry {
        /// Delay.
        after: Duration,
        /// Why.
        cause: Cause,
    },
    /// It is set aside for this long, and spends no attempt.
    Deferred {
        /// Delay.
        after: Duration,
        /// Why.
        cause: Cause,
    },
    /// Stopped until a person acts.
    Failed {
        /// Why.
        cause: Cause,
    },
    /// Not finished, because the worker stops.
    Returned,
}

impl Outcome {
    /// Whether the job waits because the ERP refused the sign-in.
    pub fn is_refused_sign_in(&self) -> bool {
        matches!(self, Self::Deferred { cause, .. } if cause.class == FailureClass::SignIn)
    }

    /// A wait of a job of which no attempt failed. `fingerprint` is the cause's, without its class.
    pub fn waits(after: Duration, fingerprint: &str, message: impl Into<String>) -> Self {
        let cause = Cause::new(FailureClass::Transient, fingerprint, message);
        Self::Deferred { after, cause }
    }

    /// A message that names no job of this ledger.
    pub fn poison(message: &str) -> Self {
        let cause = Cause::new(FailureClass::Poison, "unknown-job", message);
        Self::Failed { cause }
    }
}
