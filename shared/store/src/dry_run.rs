//! A database that a dry run asks: its schema and its file stay as they are.

use std::fmt;
use std::sync::Arc;

use domain::session::SessionStore;
use domain::store_error::StoreError;
use secrecy::SecretString;

use crate::connect::{connect, file_of};
use crate::maintenance::Maintenance as _;
use crate::sqlite::SqliteStore;
use crate::store::Store;

/// What a dry run plans over.
pub struct Untouched {
    /// The ledger and the tables: the database itself, or a copy in memory. Nothing is to be written
    /// to it.
    pub ledger: Arc<dyn Store>,
    /// Where the fleet's session is: the database, whose stored session serves, and keeps a new one.
    /// In memory where the database has no place for it yet.
    pub session: Arc<dyn SessionStore>,
}

impl fmt::Debug for Untouched {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Untouched")
    }
}

impl Untouched {
    /// Opens the database that `url` names, as [`connect`] does, and neither migrates nor
    /// creates it. One without a schema, or without a file, counts as empty.
    ///
    /// # Errors
    /// As [`connect`].
    pub async fn open(url: &SecretString) -> Result<Self, StoreError> {
        let Some(file) = file_of(url)? else {
            return Self::of(connect(url).await?).await;
        };
        if !file.exists() {
            return Self::empty().await;
        }
        let store = SqliteStore::open(url).await?;
        if store.pending_migrations().await? == 0 || store.session().await.is_err() {
            return Self::of(Arc::new(store)).await;
        }
        // The statements of this build need its schema: a copy gets it.
        let ledger = store.copy_in_memory().await?;
        ledger.migrate().await?;
        Ok(Self {
            ledger: Arc::new(ledger),
            session: Arc::new(store),
        })
    }

    async fn of(store: Arc<dyn Store>) -> Result<Self, StoreError> {
        match store.session().await {
            Ok(_) => {}
            // Its table is missing.
            Err(StoreError::Refused(_)) if store.pending_migrations().await? > 0 => {
                return Self::empty().await;
            }
            Err(error) => return Err(error),
        }
        Ok(Self {
            ledger: Arc::clone(&store),
            session: store,
        })
    }

    async fn empty() -> Result<Self, StoreError> {
        let store = Arc::new(SqliteStore::in_memory().await?);
        store.migrate().await?;
        Ok(Self {
            ledger: store.clone(),
            session: store,
        })
    }

    /// What a statement's failure means where the database lacks migrations, which a dry run does not
    /// apply.
    pub async fn explain(&self, error: StoreError) -> StoreError {
        match (&error, self.ledger.pending_migrations().await) {
            (StoreError::Refused(why), Ok(missing @ 1..)) => StoreError::Refused(format!(
                "{why}; the schema lacks {missing} migrations of this build, which a dry run does \
                 not apply: migrate first"
            )),
            _ => error,
        }
    }
}
