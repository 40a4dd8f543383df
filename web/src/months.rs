//! The month that a screen shows, and those beside it.

use chrono::{Months, Utc};
use domain::month::Month;
use producer::text::day_of;

/// The month that was asked for; the current one where none was, or none that can be read.
pub fn asked_or_current(asked: Option<&str>) -> Month {
    let asked = asked.and_then(|month| month.parse().ok());
    asked.unwrap_or_else(|| Month::of(day_of(Utc::now())))
}

/// The month so many earlier.
pub fn back(month: Month, by: u32) -> Option<Month> {
    let day = month.first_day().checked_sub_months(Months::new(by));
    day.map(Month::of)
}

/// The months so many earlier and later.
pub fn neighbours(month: Month, by: u32) -> [Option<Month>; 2] {
    let later = month.first_day().checked_add_months(Months::new(by));
    [back(month, by), later.map(Month::of)]
}
