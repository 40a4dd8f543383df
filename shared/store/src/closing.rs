//! Months that are signed off.

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use domain::job::{EmpreendimentoId, Target};
use domain::month::Month;
use domain::store_error::StoreError;
use serde::Serialize;

use crate::cells::{CellChange, CellKey, FigureTable};

/// What is to be signed off.
#[derive(Debug, Clone)]
pub struct NewClose {
    /// The month.
    pub month: Month,
    /// These empreendimentos alone, without cash out; all and the cash out where there are none.
    pub empreendimentos: Vec<EmpreendimentoId>,
    /// Who signs it off.
    pub by: String,
    /// What that person says of it.
    pub note: String,
    /// Although the month was not over, or not complete.
    pub forced: bool,
}

/// A month that was signed off.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Close {
    /// Its number.
    pub id: i64,
    /// The month.
    pub month: Month,
    /// When, by the database's clock.
    pub at: DateTime<Utc>,
    /// Who signed it off.
    pub by: String,
    /// What that person said of it.
    pub note: String,
    /// Although the month was not over, or not complete.
    pub forced: bool,
    /// These empreendimentos alone, without cash out; all and the cash out where there are none.
    pub empreendimentos: Vec<EmpreendimentoId>,
    /// How many rows of figures.
    pub cells: u64,
    /// SHA-256 over them.
    pub digest: String,
    /// When, by whom and why it was reopened; absent while it stands.
    pub reopened: Option<Reopened>,
}

impl Close {
    /// Whether a row of this table, month and owner is part of what was signed off.
    pub fn covers(&self, table: FigureTable, key: &CellKey) -> bool {
        let some = &self.empreendimentos;
        let owner = |id: &EmpreendimentoId| id.get() == key.owner;
        self.month == key.ref_month
            && (some.is_empty() || table != FigureTable::SaidasCaixa && some.iter().any(owner))
    }
}

/// The end of a close.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reopened {
    /// When, by the database's clock.
    pub at: DateTime<Utc>,
    /// Who did it.
    pub by: String,
    /// What that person said of it.
    pub note: String,
}

/// Which view of the ERP a target's figures of a month are.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MonthView {
    /// The target.
    pub target: Target,
    /// The oldest `as_of` of the runs that wrote the month; of cash out, its due days.
    pub as_of: NaiveDate,
    /// Of cash out how many due days runs have covered; of an empreendimento 1.
    pub periods: u64,
}

/// Signing months off.
#[async_trait]
pub trait Closing: Send + Sync {
    /// Keeps what the tables hold of a month as signed off.
    ///
    /// # Errors
    /// [`StoreError::Unsuitable`] when a part of it is closed already, or the tables hold nothing of it.
    async fn close(&self, close: &NewClose) -> Result<Close, StoreError>;

    /// Ends the closes of a month that stand, and returns how many.
    async fn reopen(&self, month: Month, by: &str, note: &str) -> Result<u64, StoreError>;

    /// Every close, reopened ones too, the newest month first.
    async fn closes(&self) -> Result<Vec<Close>, StoreError>;

    /// The digest of a close, made anew over the rows that are kept.
    async fn digest_of_close(&self, id: i64) -> Result<String, StoreError>;

    /// The cells of closed months, or of one, that are not as they were signed off, by table and key.
    async fn since_close(&self, month: Option<Month>) -> Result<Vec<CellChange>, StoreError>;

    /// Which views wrote a month, by target.
    async fn month_views(&self, month: Month) -> Result<Vec<MonthView>, StoreError>;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_close_of_some_empreendimentos_covers_theirs_and_no_cash_out() {
        let mut close = Close {
            id: 1,
            month: "2026-09".parse().unwrap(),
            at: DateTime::UNIX_EPOCH,
            by: "ana@finance".to_owned(),
            note: "conferido".to_owned(),
            forced: false,
            empreendimentos: vec!["1471".parse().unwrap()],
            cells: 12,
            digest: String::new(),
            reopened: None,
        };
        let key = |owner, month: &str| CellKey {
            owner,
            ref_month: month.parse().unwrap(),
            category: String::new(),
        };
        let covers = |close: &Close| {
            [
                (FigureTable::EntradasCaixa, key(1471, "2026-09")),
                (FigureTable::EntradasCaixa, key(1471, "2026-10")),
                (FigureTable::EntradasCaixa, key(1502, "2026-09")),
                (FigureTable::SaidasCaixa, key(1471, "2026-09")),
            ]
            .map(|(table, key)| close.covers(table, &key))
        };
        assert_eq!(covers(&close), [true, false, false, false]);
        close.empreendimentos.clear();
        assert_eq!(covers(&close), [true, false, true, true]);
    }
}
