//! The parameters of a run.

use chrono::{Datelike, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::month::{Month, YEARS};

/// A run's parameters, fixed when it is enqueued, so that a retry after midnight computes the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunParams {
    /// First day of the window, included.
    pub start_date: NaiveDate,
    /// Last day of the window, included.
    pub end_date: NaiveDate,
    /// "Today" in America/Sao_Paulo when the run was enqueued.
    pub as_of: NaiveDate,
}

impl RunParams {
    /// Every month the window touches, whole and in order.
    pub fn months(&self) -> impl ExactSizeIterator<Item = Month> + Clone + use<> {
        Month::touched(self.start_date, self.end_date)
    }

    /// The first problem with these dates, if there is one.
    pub fn problem(&self) -> Option<String> {
        let named = [
            ("start_date", self.start_date),
            ("end_date", self.end_date),
            ("as_of", self.as_of),
        ];
        for (name, date) in named {
            if !YEARS.contains(&date.year()) {
                return Some(format!("{name} {date} is not between 1950 and 2150"));
            }
        }
        (self.end_date < self.start_date).then(|| {
            format!(
                "end_date {} is before start_date {}",
                self.end_date, self.start_date
            )
        })
    }
}
