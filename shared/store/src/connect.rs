//! Which database a URL names, and opening it.

use std::path::PathBuf;
use std::sync::Arc;

use domain::store_error::StoreError;
use secrecy::{ExposeSecret as _, SecretString};

use crate::encryption::Encryption;
use crate::postgres::{self, PostgresStore};
use crate::sqlite::{self, SqliteStore};
use crate::store::Store;

/// Opens the database that `url` names: `postgres://…` or `postgresql://…` for a fleet,
/// `sqlite://path` for one process.
///
/// # Errors
/// [`StoreError::Url`] when the URL names no such database, [`StoreError::Away`] within seconds
/// when nothing answers there. The URL, which may hold a password, is never repeated.
pub async fn connect(url: &SecretString) -> Result<Arc<dyn Store>, StoreError> {
    match url.expose_secret().split_once(':') {
        Some(("postgres" | "postgresql", _)) => Ok(Arc::new(PostgresStore::connect(url).await?)),
        Some(("sqlite", _)) => Ok(Arc::new(SqliteStore::connect(url).await?)),
        _ => Err(StoreError::Url(
            "it must begin with postgres:// or sqlite://".to_owned(),
        )),
    }
}

/// How the way to the database that `url` names is protected; `None` for a file.
///
/// # Errors
/// [`StoreError::Url`] when it names no database.
pub fn encryption_of(url: &SecretString) -> Result<Option<Encryption>, StoreError> {
    match file_of(url)? {
        Some(_) => Ok(None),
        None => postgres::encryption_of(url).map(Some),
    }
}

/// The file that `url` names; `None` for a server's database.
///
/// # Errors
/// [`StoreError::Url`] when it is a SQLite URL without a file.
pub fn file_of(url: &SecretString) -> Result<Option<PathBuf>, StoreError> {
    match is_file(url) {
        true => sqlite::file_of(url).map(Some),
        false => Ok(None),
    }
}

/// Whether `url` names a SQLite file.
pub fn is_file(url: &SecretString) -> bool {
    url.expose_secret().starts_with("sqlite:")
}
