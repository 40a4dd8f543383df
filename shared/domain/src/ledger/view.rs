//! Which of two runs saw the ERP later.

use chrono::{DateTime, NaiveDate, Utc};

/// A view of the ERP. Views are ordered by their day, and those of one day by the time of their
/// runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct View {
    /// The run's "today".
    pub as_of: NaiveDate,
    /// When the run was recorded.
    pub run_created_at: DateTime<Utc>,
}
