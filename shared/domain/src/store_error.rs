//! Errors of the database, and the failure class of each.

use thiserror::Error;

use crate::failure::FailureClass;

/// An error of the database.
#[derive(Debug, Clone, Error)]
pub enum StoreError {
    /// It cannot be reached, or the connection broke. Whether a commit in progress took effect is
    /// unknown until the job is claimed again.
    #[error("the database is away: {0}")]
    Away(String),
    /// A deadlock, a serialisation failure or a busy file: the same statement may succeed again.
    #[error("the database asked to try again: {0}")]
    Contention(String),
    /// It refused the statement.
    #[error("the database refused: {0}")]
    Refused(String),
    /// `DATABASE_URL` names no database that this build supports.
    #[error("DATABASE_URL is not usable: {0}")]
    Url(String),
    /// The schema of the database cannot hold the tables.
    #[error("the schema is not usable: {0}")]
    Schema(String),
    /// What was asked for cannot be done with this database, or these schemas of it.
    #[error("{0}")]
    Unsuitable(String),
}

impl StoreError {
    /// The class of a job's failure for this reason.
    pub const fn class(&self) -> FailureClass {
        match self {
            Self::Away(_) | Self::Contention(_) => FailureClass::Transient,
            Self::Refused(_) | Self::Url(_) | Self::Schema(_) | Self::Unsuitable(_) => {
                FailureClass::Bug
            }
        }
    }

    /// The same text for errors of the same cause.
    pub const fn fingerprint(&self) -> &'static str {
        match self {
            Self::Away(_) => "database-away",
            Self::Contention(_) => "database-contention",
            Self::Refused(_) => "database-refused",
            Self::Url(_) => "database-url",
            Self::Schema(_) => "database-schema",
            Self::Unsuitable(_) => "database-unsuitable",
        }
    }
}
