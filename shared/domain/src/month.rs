//! Months, by which every table aggregates.

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// The years of the ERP's contracts. A date outside them is a mistake in the data.
pub const YEARS: std::ops::RangeInclusive<i32> = 1950..=2150;

/// A calendar month, written `YYYY-MM` wherever it is text.
///
/// Stored as the number of months since year 0, so that consecutive months differ by one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month(i32);

/// A text that is not a month between 1950-01 and 2150-12.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[error("{0:?} is not a month between 1950-01 and 2150-12, written YYYY-MM")]
pub struct MonthError(String);

impl Month {
    /// The month a day falls in.
    pub fn of(day: NaiveDate) -> Self {
        Self(day.year() * 12 + day.month0() as i32)
    }

    /// Every month a period touches, in order; none when it ends before it starts.
    pub fn touched(
        start: NaiveDate,
        end: NaiveDate,
    ) -> impl ExactSizeIterator<Item = Self> + Clone {
        (Self::of(start).0..Self::of(end).0 + 1).map(Self)
    }

    /// The month after this one.
    pub const fn next(self) -> Self {
        Self(self.0 + 1)
    }

    /// Its first day.
    pub fn first_day(self) -> NaiveDate {
        NaiveDate::from_ymd_opt(self.0.div_euclid(12), self.0.rem_euclid(12) as u32 + 1, 1)
            .expect("a month made from a date has a first day")
    }

    /// Its last day.
    pub fn last_day(self) -> NaiveDate {
        self.next().first_day() - Days::new(1)
    }

    /// The number of months from `earlier` to this one, negative when this one is before it.
    pub const fn since(self, earlier: Self) -> i32 {
        self.0 - earlier.0
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}",
            self.0.div_euclid(12),
            self.0.rem_euclid(12) + 1
        )
    }
}

impl FromStr for Month {
    type Err = MonthError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d")
            .ok()
            .filter(|day| text.len() == 7 && YEARS.contains(&day.year()))
            .map(Self::of)
            .ok_or_else(|| MonthError(text.to_owned()))
    }
}

impl Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn a_period_touches_whole_months() {
        let months: Vec<_> = Month::touched(day("2025-11-30"), day("2026-02-01"))
            .map(|m| m.to_string())
            .collect();
        assert_eq!(months, ["2025-11", "2025-12", "2026-01", "2026-02"]);
        assert_eq!(
            Month::touched(day("2026-02-01"), day("2025-12-31")).len(),
            0
        );
    }

    #[test]
    fn the_last_day_depends_on_leap_years() {
        assert_eq!(
            "2024-02".parse::<Month>().unwrap().last_day(),
            day("2024-02-29")
        );
        assert_eq!(
            "2026-12".parse::<Month>().unwrap().last_day(),
            day("2026-12-31")
        );
    }

    #[test]
    fn refuses_other_texts() {
        for text in [
            "2026-13",
            "2026-1",
            "9999-01",
            "0001-01",
            "202601",
            "2026-01-01",
            "",
        ] {
            assert!(text.parse::<Month>().is_err(), "{text}");
        }
    }
}
