//! What a database's errors mean, told without the data in them.

use domain::store_error::StoreError;
use sqlx::error::{DatabaseError, ErrorKind};
use sqlx::migrate::MigrateError;

/// A [`StoreError`] that the database's own errors convert into.
#[derive(Debug)]
pub struct Failure(pub StoreError);

impl From<StoreError> for Failure {
    fn from(error: StoreError) -> Self {
        Self(error)
    }
}

impl From<Failure> for StoreError {
    fn from(failure: Failure) -> Self {
        failure.0
    }
}

impl From<sqlx::Error> for Failure {
    fn from(error: sqlx::Error) -> Self {
        Self(match error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::BeginFailed
            | sqlx::Error::WorkerCrashed => StoreError::Away(error.to_string()),
            sqlx::Error::Database(error) => refused(error.as_ref()),
            sqlx::Error::Migrate(error) => return (*error).into(),
            // The source would quote the value, which is a row's.
            sqlx::Error::ColumnDecode { index, .. } => {
                StoreError::Refused(format!("column {index} cannot be read"))
            }
            sqlx::Error::Decode(_) => StoreError::Refused("a value cannot be read".to_owned()),
            sqlx::Error::Encode(_) => StoreError::Refused("a value cannot be sent".to_owned()),
            other => StoreError::Refused(other.to_string()),
        })
    }
}

impl From<MigrateError> for Failure {
    fn from(error: MigrateError) -> Self {
        Self(match error {
            MigrateError::Execute(error) => return error.into(),
            MigrateError::ExecuteMigration(error, version) => match Self::from(error).0 {
                StoreError::Refused(why) => {
                    StoreError::Refused(format!("migration {version}: {why}"))
                }
                passing => passing,
            },
            other => StoreError::Refused(other.to_string()),
        })
    }
}

/// Sorts by the database's code: an SQLSTATE of five characters, or SQLite's number.
fn refused(error: &dyn DatabaseError) -> StoreError {
    let code = error.code().unwrap_or_default();
    // The message names columns and constraints; the detail, left out, would quote the row.
    let text = format!("{} ({code})", error.message());
    match code.as_ref() {
        "40001" | "40P01" | "55P03" | "57014" => StoreError::Contention(text),
        sqlstate if sqlstate.len() == 5 && ["08", "53", "57", "58"].contains(&&sqlstate[..2]) => {
            StoreError::Away(text)
        }
        number if error.kind() == ErrorKind::Other && number.len() < 5 => {
            // Extended codes carry the primary one in their low byte.
            match number.parse::<u32>().map(|code| code & 0xff) {
                Ok(SQLITE_BUSY | SQLITE_LOCKED) => StoreError::Contention(text),
                Ok(SQLITE_IOERR | SQLITE_FULL) => StoreError::Away(text),
                _ => StoreError::Refused(text),
            }
        }
        _ => StoreError::Refused(text),
    }
}

const SQLITE_BUSY: u32 = 5;
const SQLITE_LOCKED: u32 = 6;
const SQLITE_IOERR: u32 = 10;
const SQLITE_FULL: u32 = 13;
