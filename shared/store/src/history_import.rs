//! Taking over months of the replaced system's tables from before ours begin.

use async_trait::async_trait;
use domain::job::RunId;
use domain::month::Month;
use domain::store_error::StoreError;

use crate::schema_name::SchemaName;

/// Imports what the replaced system has written. PostgreSQL alone has its tables beside ours.
#[async_trait]
pub trait HistoryImport: Send + Sync {
    /// Writes old figures of months that no run has written, and old days of payment, as a run of
    /// their own and in one transaction. Codes that no run knew are created inactive. Again, it
    /// replaces what it imported before and is still in the old tables.
    ///
    /// # Errors
    /// [`StoreError::Unsuitable`] when there is nothing to import from, or runs have written months
    /// before the floor, with nothing changed.
    async fn import_history(&self, import: &HistoryRequest) -> Result<ImportedHistory, StoreError>;
}

/// What to import.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HistoryRequest {
    /// The run it is recorded as.
    pub run: RunId,
    /// Where the old tables are.
    pub legacy: SchemaName,
    /// The month before which all are imported. Of each code months before its first that a run has
    /// written, when absent.
    pub floor_month: Option<Month>,
    /// Who asked for it: user@host.
    pub by: String,
    /// Tell what would be imported, and write nothing.
    pub dry_run: bool,
}

/// What was imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedHistory {
    /// The first and the last month with a figure; absent where there is none.
    pub months: Option<(String, String)>,
    /// Rows written, by table.
    pub tables: Vec<(&'static str, u64)>,
    /// Filiais created.
    pub filiais: u64,
    /// Empreendimentos created.
    pub empreendimentos: u64,
    /// Old rows, of whichever month, without a month, an empreendimento or a filial to write them to.
    pub left_out: u64,
    /// What became of the old days of payment.
    pub days_of_payment: DaysOfPayment,
}

/// Old payables that are settled, by what became of their day of payment.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct DaysOfPayment {
    /// Taken over.
    pub taken: u64,
    /// The old key means several payables of ours.
    pub ambiguous: u64,
    /// Ours has another due day or value.
    pub different: u64,
    /// Ours is not settled.
    pub open: u64,
    /// There is none of ours.
    pub unknown: u64,
}
