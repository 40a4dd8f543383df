//! Published figures, and who wrote them.

use chrono::{DateTime, Utc};
use serde::Serialize;

use domain::job::RunId;
use domain::ledger::WorkerId;
use domain::month::Month;

/// A row of a published table with its origin. The contratos of one commit are one row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublishedRow {
    /// The table.
    pub table: &'static str,
    /// The month; absent for contratos, which have none.
    pub ref_month: Option<Month>,
    /// `category` of cash in; filial and `categoria` of cash out.
    pub category: Option<String>,
    /// Columns and their values, as the table has them.
    #[serde(serialize_with = "as_map")]
    pub values: Vec<(&'static str, String)>,
    /// The run that wrote it.
    pub run: RunId,
    /// When.
    pub synced_at: DateTime<Utc>,
    /// Generation of the attempt that wrote it.
    pub generation: Option<i64>,
    /// Who wrote it.
    pub worker: Option<WorkerId>,
}

fn as_map<S: serde::Serializer>(
    values: &[(&'static str, String)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(values.iter().map(|(column, value)| (column, value)))
}
