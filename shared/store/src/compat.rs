//! Views over the tables for readers of the system that this one replaces.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::month::Month;
use domain::store_error::StoreError;

use crate::schema_name::SchemaName;

/// Installs views with the names and columns that existing readers know. PostgreSQL alone has them.
#[async_trait]
pub trait Compat: Send + Sync {
    /// Creates the views, with the rows of other origins from the old tables, in one transaction.
    /// Installed again, they are replaced and the ids stay.
    ///
    /// # Errors
    /// [`StoreError::Unsuitable`] when a schema cannot be used, with nothing changed.
    async fn install_views(&self, views: &Views, by: &str) -> Result<(), StoreError>;

    /// The statements that [`Compat::install_views`] would run. Changes nothing.
    async fn views_as_sql(&self, views: &Views) -> Result<String, StoreError>;

    /// Takes over the ids of codes that the old tables have got since, unless the ids are frozen;
    /// with `freeze`, no id changes from now on. Returns how many codes have an id.
    async fn refresh_views(&self, into: &SchemaName, freeze: bool) -> Result<u64, StoreError>;

    /// Removes the views, their ids and their schema. The old tables stay as they are.
    async fn drop_views(&self, into: &SchemaName) -> Result<(), StoreError>;

    /// What is installed.
    async fn installed_views(&self) -> Result<Vec<InstalledViews>, StoreError>;
}

/// What views to install.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Views {
    /// Where the old tables are.
    pub legacy: SchemaName,
    /// Where the views go.
    pub into: SchemaName,
    /// The role that reads through the views, and writes rows of other origins.
    pub grant: Option<SchemaName>,
    /// Old rows of earlier months are shown where there are no rows of ours.
    pub floor_month: Option<Month>,
}

/// Views as they were installed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InstalledViews {
    /// Which they are; the role that reads them is not recorded.
    pub views: Views,
    /// When they were installed last.
    pub at: DateTime<Utc>,
    /// Whether this build has them with another text.
    pub outdated: bool,
    /// Since when no id changes.
    pub frozen_at: Option<DateTime<Utc>>,
}
