//! The month or day that a screen shows, and the months beside it.

use chrono::{Months, NaiveDate, Utc};
use domain::month::Month;
use producer::text::day_of;

/// The month that was asked for; the current one where none was, or none that can be read.
pub fn asked_or_current(asked: Option<&str>) -> Month {
    let asked = asked.and_then(|month| month.parse().ok());
    asked.unwrap_or_else(|| Month::of(day_of(Utc::now())))
}

/// The day that was asked for; none where it cannot be read, or has no year of four digits.
pub fn asked_day(asked: Option<&str>) -> Option<NaiveDate> {
    let asked = asked.filter(|day| day.len() == "YYYY-MM-DD".len())?;
    NaiveDate::parse_from_str(asked, "%Y-%m-%d").ok()
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_that_no_calendar_shows_is_none() {
        let asked = |text| asked_day(Some(text)).map(|day| day.to_string());
        assert_eq!(asked("2026-11-01").as_deref(), Some("2026-11-01"));
        for text in ["", "2026-11", "2026-02-30", "+262142-12-31", "01/11/2026"] {
            assert_eq!(asked(text), None, "{text}");
        }
        assert_eq!(asked_day(None), None);
    }
}
