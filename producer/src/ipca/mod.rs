//! The IPCA as others publish it: the central bank's series, or a file.

mod fetch;
mod parse;

use chrono::{NaiveDate, TimeDelta};
use domain::month::Month;
use thiserror::Error;

pub(crate) use self::fetch::{IpcaSource, fetch};
pub(crate) use self::parse::parse;
use crate::exit::Exit;

/// An index is published some ten days after its month: when the newest month ended longer ago than
/// this, one is missing.
const LONGEST_AGE: TimeDelta = TimeDelta::days(45);

/// Why indices cannot be loaded.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum IpcaError {
    /// The series cannot be reached.
    #[error("the IPCA cannot be fetched: {0}")]
    Away(String),
    /// The file cannot be read.
    #[error("{file} cannot be read: {why}")]
    File {
        /// Its name.
        file: String,
        /// What the system says.
        why: String,
    },
    /// The text is no list of monthly indices.
    #[error("{origin} is no list of monthly indices: {why}")]
    Unreadable {
        /// A file, or the series.
        origin: String,
        /// Where, and what is wrong.
        why: String,
    },
}

impl IpcaError {
    /// The exit code of a command that meets it.
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Away(_) => Exit::Away,
            Self::File { .. } => Exit::Usage,
            Self::Unreadable { .. } => Exit::Other,
        }
    }
}

/// Whether a newer index than that of `newest` is long due.
pub(crate) fn is_outdated(newest: Month, today: NaiveDate) -> bool {
    today - newest.last_day() > LONGEST_AGE
}

/// The months between the first and the last that have no index.
pub(crate) fn gaps(months: impl IntoIterator<Item = Month>) -> Vec<Month> {
    let mut months = months.into_iter();
    let mut gaps = Vec::new();
    let Some(mut expected) = months.next().map(Month::next) else {
        return gaps;
    };
    for month in months {
        while expected < month {
            gaps.push(expected);
            expected = expected.next();
        }
        expected = month.next();
    }
    gaps
}

#[cfg(test)]
mod tests {
    use super::*;

    fn month(text: &str) -> Month {
        text.parse().unwrap()
    }

    #[test]
    fn an_index_is_outdated_when_its_successor_is_long_due() {
        for (newest, today, outdated) in [
            ("2026-10", "2026-11-26", false),
            ("2026-09", "2026-11-14", false),
            ("2026-09", "2026-11-15", true),
            ("2026-12", "2026-11-26", false),
        ] {
            let found = is_outdated(month(newest), today.parse().unwrap());
            assert_eq!(found, outdated, "{newest} on {today}");
        }
    }

    #[test]
    fn gaps_are_the_months_in_between() {
        let gaps = |months: &[&str]| {
            let gaps = super::gaps(months.iter().copied().map(month));
            gaps.iter().map(Month::to_string).collect::<Vec<_>>()
        };
        assert_eq!(gaps(&[]), [""; 0]);
        assert_eq!(gaps(&["2026-01"]), [""; 0]);
        assert_eq!(gaps(&["2025-12", "2026-01", "2026-02"]), [""; 0]);
        assert_eq!(
            gaps(&["2025-11", "2026-02", "2026-04"]),
            ["2025-12", "2026-01", "2026-03"]
        );
    }
}
