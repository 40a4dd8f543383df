//! The monthly indices by which contrato values are corrected.

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::month::Month;
use domain::store_error::StoreError;
use rust_decimal::Decimal;

/// Reads and loads the IPCA.
#[async_trait]
pub trait Indices: Send + Sync {
    /// The monthly IPCA indices, in per cent, in order; empty when none were loaded.
    async fn ipca(&self) -> Result<Vec<(Month, Decimal)>, StoreError>;

    /// Adds the months that are missing, replaces the indices that differ, and writes down the load.
    /// Months that are not in it stay as they are. Returns what changed.
    async fn load_ipca(
        &self,
        indices: &[(Month, Decimal)],
        load: &IpcaLoad,
    ) -> Result<IpcaChanges, StoreError>;

    /// The newest load; `None` before the first, and where the table was filled by hand.
    async fn last_ipca_load(&self) -> Result<Option<(DateTime<Utc>, IpcaLoad)>, StoreError>;
}

/// Where indices come from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IpcaLoad {
    /// A URL without its query, or the name of a file.
    pub source: String,
    /// Who loads them: user@host.
    pub by: String,
}

/// What a load changed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IpcaChanges {
    /// Months that were not there.
    pub added: Vec<Month>,
    /// Months whose index was another: the index before, and now.
    pub revised: Vec<(Month, Decimal, Decimal)>,
}
