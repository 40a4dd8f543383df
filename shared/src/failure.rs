//! What can go wrong with a job, and what each kind of failure means for it.

use std::fmt;
use std::time::Duration;

use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::job::ContratoId;
use crate::mega::MegaError;
use crate::store::StoreError;

/// The kinds of failure; each has one outcome, decided in [`FailureClass::disposition`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureClass {
    /// A passing fault of the network, the ERP or the database.
    Transient,
    /// The ERP asked for fewer calls.
    Throttled,
    /// Most calls to the ERP fail: it is down, not this job.
    ErpAway,
    /// The ERP refused the sign-in: nobody may try again until a person has looked.
    SignIn,
    /// The ERP's data cannot be read, or refuses this item.
    Data,
    /// Contratos or amounts fell by more than half since the last commit.
    Shrunk,
    /// Not a message this build can do.
    Poison,
    /// A fault in this program.
    Bug,
}

/// What a failure class means for the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Try again after a delay; spends one of the job's attempts.
    Retry,
    /// Try again later; the job is not to blame and spends nothing.
    Defer,
    /// Stop: trying again changes nothing until a person acts.
    Fail,
}

impl FailureClass {
    /// Every class, for what must list them all.
    pub const ALL: [Self; 8] = [
        Self::Transient,
        Self::Throttled,
        Self::ErpAway,
        Self::SignIn,
        Self::Data,
        Self::Shrunk,
        Self::Poison,
        Self::Bug,
    ];

    /// What becomes of a job that failed this way.
    pub const fn disposition(self) -> Disposition {
        match self {
            Self::Transient | Self::Throttled => Disposition::Retry,
            Self::ErpAway | Self::SignIn => Disposition::Defer,
            Self::Data | Self::Shrunk | Self::Poison | Self::Bug => Disposition::Fail,
        }
    }

    /// Its name in the ledger, in metrics and in output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Throttled => "throttled",
            Self::ErpAway => "erp-away",
            Self::SignIn => "sign-in",
            Self::Data => "data",
            Self::Shrunk => "shrunk",
            Self::Poison => "poison",
            Self::Bug => "bug",
        }
    }

    /// The class of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.name() == name)
    }
}

impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

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
    /// More than 1 % of the records could not be read.
    #[error("{rejected} of {read} records rejected, more than 1 %; mostly {main_reason}")]
    TooManyRejected {
        /// Records the ERP sent.
        read: u64,
        /// Records that could not be read.
        rejected: u64,
        /// The most frequent reason.
        main_reason: String,
    },
    /// Not every contrato's parcelas arrived.
    #[error("{fetched} of {listed} contratos fetched")]
    Incomplete {
        /// Contratos the ERP listed.
        listed: u64,
        /// Contratos whose parcelas arrived.
        fetched: u64,
    },
    /// A contrato without a readable code: its parcelas cannot be asked for, so nothing is whole.
    #[error("a contrato has no readable cod_contrato: {0}")]
    UnidentifiedContrato(String),
    /// Every parcela of a contrato was rejected: it would be missing from the figures as a whole,
    /// however few its parcelas are among all.
    #[error(
        "contrato {contrato}: none of its {parcelas} parcelas can be read; mostly {main_reason}"
    )]
    UnreadableContrato {
        /// The contrato.
        contrato: ContratoId,
        /// Parcelas the ERP sent.
        parcelas: u64,
        /// The most frequent reason.
        main_reason: String,
    },
    /// The result is less than half of what was committed last.
    #[error(
        "{what} fell from {before} to {now}, by more than half; if that is right: requeue --accept-shrink"
    )]
    Shrunk {
        /// `contratos`, `records` or the name of an amount.
        what: String,
        /// At the last commit.
        before: String,
        /// In this attempt.
        now: String,
    },
    /// What was read is not what would be published plus what was set aside.
    #[error(
        "{measure} does not balance: the source holds {source_total}, the result accounts for {accounted}"
    )]
    Unbalanced {
        /// The amount that does not add up.
        measure: String,
        /// Sum over everything read.
        source_total: String,
        /// Sum over everything published or set aside.
        accounted: String,
    },
    /// The attempt took longer than a job may.
    #[error("not finished within {} s", .0.as_secs())]
    Deadline(Duration),
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
            Self::TooManyRejected { .. }
            | Self::UnidentifiedContrato(_)
            | Self::UnreadableContrato { .. } => FailureClass::Data,
            Self::Shrunk { .. } => FailureClass::Shrunk,
            Self::Deadline(_) => FailureClass::Transient,
            Self::Incomplete { .. }
            | Self::Unbalanced { .. }
            | Self::Crashes(_)
            | Self::Panicked(_) => FailureClass::Bug,
        }
    }

    /// What makes two failures the same cause: stable words, no identifiers or amounts.
    pub fn fingerprint(&self) -> String {
        let cause = match self {
            Self::Mega { source, .. } => source.fingerprint(),
            Self::Store(error) => error.fingerprint().to_owned(),
            Self::TooManyRejected { main_reason, .. }
            | Self::UnreadableContrato { main_reason, .. } => {
                // A reason reads "field: what is wrong"; the field is the cause.
                format!(
                    "rejected-{}",
                    main_reason.split(':').next().unwrap_or_default()
                )
            }
            Self::UnidentifiedContrato(_) => "unidentified-contrato".to_owned(),
            Self::Shrunk { what, .. } => what.clone(),
            Self::Unbalanced { measure, .. } => format!("unbalanced-{measure}"),
            Self::Incomplete { .. } => "incomplete".to_owned(),
            Self::Deadline(_) => "deadline".to_owned(),
            Self::Crashes(_) => "worker-crashes".to_owned(),
            Self::Panicked(_) => "panic".to_owned(),
        };
        format!("{}/{cause}", self.class())
    }

    /// How long the ERP asked to wait, if it did.
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Mega { source, .. } => source.retry_after(),
            _ => None,
        }
    }
}

/// A failure as the ledger records it, after classification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// Its class.
    pub class: FailureClass,
    /// Equal for failures of the same cause.
    pub fingerprint: String,
    /// For a person; holds no secret and no personal data.
    pub message: String,
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

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class, self.message)
    }
}
