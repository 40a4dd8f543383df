//! What is to be exported.

use chrono::{DateTime, NaiveDate, Utc};
use store::{CellView, FigureTable};

use crate::cli::{ExportArgs, Months};
use crate::report::end_of_day;

/// Which state of the figures.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// As they are at this moment.
    Now(DateTime<Utc>),
    /// As they were at the end of this day in São Paulo.
    EndOf(NaiveDate),
    /// As they were signed off.
    Closed,
}

/// What is to be exported.
#[derive(Debug, Clone)]
pub struct Request {
    /// Which state.
    pub view: View,
    /// The tables, in their order.
    pub tables: Vec<FigureTable>,
    /// The months; all without.
    pub months: Option<Months>,
}

impl Request {
    /// What a command line asks for at `now`.
    pub fn of(args: &ExportArgs, now: DateTime<Utc>) -> Self {
        let wanted = |table: &FigureTable| args.tables.is_empty() || args.tables.contains(table);
        let view = match (args.as_of, args.closed) {
            (Some(day), _) => View::EndOf(day),
            (None, true) => View::Closed,
            (None, false) => View::Now(now),
        };
        Self {
            view,
            tables: FigureTable::ALL.iter().copied().filter(wanted).collect(),
            months: args.months,
        }
    }

    /// Whether a table of empreendimentos is asked for.
    pub fn of_empreendimentos(&self) -> bool {
        let mut tables = self.tables.iter();
        tables.any(|table| *table != FigureTable::SaidasCaixa)
    }
}

impl View {
    /// The same for the store.
    pub fn cells(self) -> CellView {
        match self {
            Self::Now(at) => CellView::AsOf(at),
            Self::EndOf(day) => CellView::AsOf(end_of_day(day)),
            Self::Closed => CellView::Closed,
        }
    }
}
