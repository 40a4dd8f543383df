//! What stands beside the tables of the replaced system, which a file does not.

use async_trait::async_trait;
use domain::store_error::StoreError;

use super::SqliteStore;
use crate::compat::{Compat, InstalledViews, Views};
use crate::history_import::{HistoryImport, HistoryRequest, ImportedHistory};
use crate::schema_name::SchemaName;

fn unsupported<T>() -> Result<T, StoreError> {
    let why = "the views are for PostgreSQL; a SQLite file has no schemas to put them in";
    Err(StoreError::Unsuitable(why.to_owned()))
}

#[async_trait]
impl Compat for SqliteStore {
    async fn install_views(&self, _: &Views, _: &str) -> Result<(), StoreError> {
        unsupported()
    }

    async fn views_as_sql(&self, _: &Views) -> Result<String, StoreError> {
        unsupported()
    }

    async fn refresh_views(&self, _: &SchemaName, _: bool) -> Result<u64, StoreError> {
        unsupported()
    }

    async fn drop_views(&self, _: &SchemaName) -> Result<(), StoreError> {
        unsupported()
    }

    async fn installed_views(&self) -> Result<Vec<InstalledViews>, StoreError> {
        Ok(Vec::new())
    }
}

#[async_trait]
impl HistoryImport for SqliteStore {
    async fn import_history(&self, _: &HistoryRequest) -> Result<ImportedHistory, StoreError> {
        let why = "history is imported in PostgreSQL; a SQLite file has no old tables beside it";
        Err(StoreError::Unsuitable(why.to_owned()))
    }
}
