//! How far a commit may write: newer stays.

use chrono::NaiveDate;
use domain::month::Month;

/// What a commit may write, and what it leaves.
pub struct Scope {
    /// Months of an empreendimento, or due days of payables, that are this view's to write.
    pub written: Vec<String>,
    /// Those that a later view has written.
    pub kept: Vec<String>,
    /// No later view of the target was committed: its contratos and activity are this one's to say.
    pub latest: bool,
    /// A person has it overwrite what a later view has written.
    pub replace_newer: bool,
    /// The ERP's catalogue does not list the empreendimento any more.
    pub unlisted: bool,
}

impl Scope {
    /// The rows of the months that are written.
    pub fn of_months<'a, R>(&self, rows: &'a [R], month: fn(&R) -> Month) -> Vec<&'a R> {
        let written =
            |row: &&R| self.kept.is_empty() || !self.kept.contains(&month(row).to_string());
        rows.iter().filter(written).collect()
    }

    /// Whether faturas due on a day are written.
    pub fn writes_day(&self, day: NaiveDate) -> bool {
        self.kept.is_empty() || self.kept.binary_search(&day.to_string()).is_err()
    }

    /// The months of the due days that are written, each once.
    pub fn months_of_days(&self) -> Vec<String> {
        let mut months: Vec<_> = self.written.iter().map(|day| day[..7].to_owned()).collect();
        months.dedup();
        months
    }
}
