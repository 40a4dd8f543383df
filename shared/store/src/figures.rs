//! Published figures: rows with who wrote them, and sums.

use chrono::{DateTime, Utc};
use domain::job::{EmpreendimentoId, RunId};
use domain::ledger::{JobState, WorkerId};
use domain::money::Amount;
use domain::month::Month;
use rust_decimal::Decimal;
use serde::Serialize;

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
    /// The schema of the replaced system's tables that it was imported from; absent for a row that
    /// was fetched.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imported_from: Option<String>,
}

fn as_map<S: serde::Serializer>(
    values: &[(&'static str, String)],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(values.iter().map(|(column, value)| (column, value)))
}

/// What is asked of empreendimentos, month by month.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, strum::Display, strum::EnumString, strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum Measure {
    /// Due in the month.
    Forecast,
    /// Received in the month.
    Actual,
    /// Overdue at the month's end, whatever its age.
    Overdue,
    /// Present value.
    Vp,
    /// Loan to value, in per cent.
    Ltv,
}

impl Measure {
    /// Whether those of several empreendimentos can be added up.
    pub const fn adds_up(self) -> bool {
        !matches!(self, Self::Ltv)
    }

    /// The table that holds it and its column there.
    pub const fn column(self) -> (&'static str, &'static str) {
        match self {
            Self::Forecast => ("entradas_caixa", "forecast"),
            Self::Actual => ("entradas_caixa", "actual"),
            Self::Overdue => ("delinquency", "total"),
            Self::Vp => ("estatisticas_portfolio", "vp"),
            Self::Ltv => ("estatisticas_portfolio", "ltv"),
        }
    }
}

/// A measure of an empreendimento in a month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthlyFigure {
    /// The empreendimento.
    pub id: EmpreendimentoId,
    /// What it is called now.
    pub nome: String,
    /// The month.
    pub month: Month,
    /// The measure, with two decimals.
    pub value: Decimal,
}

/// A month of an empreendimento that a run covers which is newer than the one that wrote its figures,
/// and has not committed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PendingMonth {
    /// The empreendimento.
    pub id: EmpreendimentoId,
    /// What it is called now.
    pub nome: String,
    /// The month.
    pub month: Month,
    /// Where the job of the newest such run stands: it has failed, or is open.
    pub state: JobState,
}

/// Rows of one table, for a summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableTotal {
    /// The table's name.
    pub table: &'static str,
    /// How many rows it has.
    pub rows: u64,
    /// Named sums over its amount columns, as text with two decimals.
    pub sums: Vec<(&'static str, String)>,
}

/// The faturas due in a window, as the table holds them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FaturasDue {
    /// How many.
    pub count: u64,
    /// Σ `valor_parcela`.
    pub valor: Amount,
}
