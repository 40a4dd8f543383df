//! The months of a run as day numbers, so that no parcela needs date arithmetic.

use chrono::{Datelike, NaiveDate};
use domain::job::RunParams;
use domain::month::Month;

/// A day as days since the common era; a difference of two is a number of days.
pub type Day = i32;

/// The day number of a date.
pub fn day(date: NaiveDate) -> Day {
    date.num_days_from_ce()
}

/// One month of the run.
#[derive(Debug, Clone, Copy)]
pub struct Frame {
    /// The month.
    pub month: Month,
    /// Its last day.
    pub last_day: Day,
    /// Its last day, or `as_of` where that is earlier.
    pub snapshot: NaiveDate,
}

/// The months of a run, in order, and its `as_of`.
#[derive(Debug)]
pub struct Calendar {
    frames: Vec<Frame>,
    /// The run's "today".
    pub as_of: NaiveDate,
}

impl Calendar {
    /// The calendar of a run.
    pub fn new(params: RunParams) -> Self {
        let frame = |month: Month| Frame {
            month,
            last_day: day(month.last_day()),
            snapshot: month.last_day().min(params.as_of),
        };
        Self {
            frames: params.months().map(frame).collect(),
            as_of: params.as_of,
        }
    }

    /// A calendar without months, for an empreendimento without figures.
    pub fn empty() -> Self {
        Self {
            frames: Vec::new(),
            as_of: NaiveDate::MIN,
        }
    }

    /// How many months.
    pub fn len(&self) -> usize {
        self.frames.len()
    }

    /// The months, in order.
    pub fn frames(&self) -> &[Frame] {
        &self.frames
    }

    /// The index of a month, if it is one of the run's.
    pub fn index(&self, month: Month) -> Option<usize> {
        let first = self.frames.first()?.month;
        usize::try_from(month.since(first))
            .ok()
            .filter(|index| *index < self.frames.len())
    }
}

/// The last day of grace after a due date: two business days, Monday to Friday, later.
pub fn grace_end(due: Day) -> Day {
    // Day 1 of the common era was a Monday.
    let days = match (due - 1).rem_euclid(7) {
        0..=2 | 6 => 2,
        5 => 3,
        _ => 4,
    };
    due + days
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grace_is_two_business_days() {
        // A Monday and the days after it.
        for (due, end) in [
            ("2026-11-02", "2026-11-04"),
            ("2026-11-03", "2026-11-05"),
            ("2026-11-04", "2026-11-06"),
            ("2026-11-05", "2026-11-09"),
            ("2026-11-06", "2026-11-10"),
            ("2026-11-07", "2026-11-10"),
            ("2026-11-08", "2026-11-10"),
        ] {
            assert_eq!(
                grace_end(day(due.parse().unwrap())),
                day(end.parse().unwrap()),
                "{due}"
            );
        }
    }
}
