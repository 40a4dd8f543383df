//! Which of two runs saw the ERP later.

use chrono::{DateTime, NaiveDate, Utc};

/// A view of the ERP: of two, the one of the later day is newer, then the one of the later run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct View {
    /// The run's "today".
    pub as_of: NaiveDate,
    /// When the run was recorded.
    pub run_created_at: DateTime<Utc>,
}
