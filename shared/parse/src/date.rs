//! Dates as the ERP writes them.

use chrono::{Datelike, NaiveDate};

use super::text::number;
use domain::month::YEARS;

/// A date as written: a day, or 01/01/0001, which stands for no date.
pub(super) enum WrittenDate {
    /// A day.
    Day(NaiveDate),
    /// 01/01/0001.
    Never,
}

impl WrittenDate {
    /// `dd/MM/yyyy`, `yyyy/MM/dd` or `yyyy-MM-dd`, with or without a time of day.
    #[inline]
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (date, time) = text.split_at_checked(10)?;
        if !is_time_of_day(time) {
            return None;
        }
        let (year, month, day) = match date.as_bytes() {
            [_, _, b'/', _, _, b'/', ..] => (&date[6..], &date[3..5], &date[..2]),
            [_, _, _, _, b'/', _, _, b'/', ..] | [_, _, _, _, b'-', _, _, b'-', ..] => {
                (&date[..4], &date[5..7], &date[8..])
            }
            _ => return None,
        };
        let (year, month, day) = (number(year)?, number(month)?, number(day)?);
        if (year, month, day) == (1, 1, 1) {
            return Some(Self::Never);
        }
        NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
            .filter(|day| YEARS.contains(&day.year()))
            .map(Self::Day)
    }

    /// The day, if it is one.
    #[inline]
    pub(super) fn day(self) -> Option<NaiveDate> {
        match self {
            Self::Day(day) => Some(day),
            Self::Never => None,
        }
    }
}

/// Nothing, or `T` or a blank followed by a time. No table keeps the time, so its value is not
/// checked.
#[inline]
fn is_time_of_day(text: &str) -> bool {
    match text.as_bytes() {
        [] => true,
        [b'T' | b' ', hour @ ..] => {
            hour.len() >= 5
                && hour[0].is_ascii_digit()
                && hour
                    .iter()
                    .all(|byte| byte.is_ascii_digit() || b":.+-Z".contains(byte))
        }
        _ => false,
    }
}
