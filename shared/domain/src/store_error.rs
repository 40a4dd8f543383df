//! What the database did instead of answering, and what that means for a job.

use thiserror::Error;

use crate::failure::FailureClass;

/// What the database did instead of answering.
#[derive(Debug, Error)]
pub enum StoreError {
    /// It cannot be reached, or the connection broke. Whether a commit under way took effect is
    /// unknown; claiming again tells.
    #[error("the database is away: {0}")]
    Away(String),
    /// A deadlock, a serialisation failure, a busy file: the same again will do.
    #[error("the database asked to try again: {0}")]
    Contention(String),
    /// It refused the statement.
    #[error("the database refused: {0}")]
    Refused(String),
    /// `DATABASE_URL` names no database this build knows.
    #[error("DATABASE_URL is not usable: {0}")]
    Url(String),
}

impl StoreError {
    /// The class of a job's failure for this reason.
    pub const fn class(&self) -> FailureClass {
        match self {
            Self::Away(_) | Self::Contention(_) => FailureClass::Transient,
            Self::Refused(_) | Self::Url(_) => FailureClass::Bug,
        }
    }

    /// Equal for errors of the same cause.
    pub const fn fingerprint(&self) -> &'static str {
        match self {
            Self::Away(_) => "database-away",
            Self::Contention(_) => "database-contention",
            Self::Refused(_) => "database-refused",
            Self::Url(_) => "database-url",
        }
    }
}
