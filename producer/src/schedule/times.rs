//! The times of a schedule: a cron expression, by the clock of a time zone.

use std::iter::successors;

use chrono::{DateTime, NaiveDateTime, TimeDelta, TimeZone as _, Timelike as _, Utc};
use chrono_tz::Tz;
use croner::Cron;
use croner::errors::CronError;
use croner::parser::{CronParser, Year};

use super::error::ScheduleError;

/// No zone has left out more than a day.
const LONGEST_GAP_MINUTES: u32 = 24 * 60;

/// When a schedule is due.
///
/// Where the hour is named, as in `0 2,14 * * *`, each time comes once a day: one that the clock leaves
/// out comes just after the gap, one that the clock shows twice comes at the first. Where it is `*` or
/// `*/n`, the times follow the clock.
#[derive(Debug, Clone)]
pub struct Times {
    cron: Cron,
    zone: Tz,
    hour_is_named: bool,
}

impl Times {
    /// Reads a cron expression of five fields, or of six with seconds first, and the name of a zone.
    ///
    /// # Errors
    /// When one of them cannot be read, or no day matches, such as the 30th of February.
    pub fn parse(cron: &str, zone: &str) -> Result<Self, ScheduleError> {
        let parsed = CronParser::builder()
            .year(Year::Disallowed)
            .build()
            .parse(cron);
        let times = Self {
            cron: parsed.map_err(|error| ScheduleError::Cron(cron.to_owned(), text(&error)))?,
            zone: zone
                .parse()
                .map_err(|_| ScheduleError::Zone(zone.to_owned()))?,
            hour_is_named: hour_is_named(cron),
        };
        match times.after(DateTime::<Utc>::UNIX_EPOCH) {
            Some(_) => Ok(times),
            None => Err(ScheduleError::Never(cron.to_owned())),
        }
    }

    /// The zone whose clock it follows.
    pub const fn zone(&self) -> Tz {
        self.zone
    }

    /// The first time after a moment; none beyond the calendar.
    pub fn after(&self, moment: DateTime<Utc>) -> Option<DateTime<Utc>> {
        let local = moment.with_timezone(&self.zone);
        if !self.hour_is_named {
            let next = self.cron.find_next_occurrence(&local, false).ok()?;
            return Some(next.with_timezone(&Utc));
        }
        let mut wall = local.naive_local();
        loop {
            wall = self.cron.find_next_occurrence(&wall, false).ok()?;
            let at = first_showing(self.zone, wall)?;
            if at > moment {
                return Some(at);
            }
        }
    }

    /// The times after a moment, in order.
    pub fn following(&self, moment: DateTime<Utc>) -> impl Iterator<Item = DateTime<Utc>> {
        successors(self.after(moment), |at| self.after(*at))
    }
}

/// Whether the field of the hour, the fourth from the end, is neither `*` nor a step.
fn hour_is_named(cron: &str) -> bool {
    let mut from_the_end = cron.split_whitespace().rev();
    let hour = from_the_end.nth(3);
    hour.is_some_and(|hour| !hour.contains(['*', '/']))
}

/// When a clock first shows a time, or the first minute after it that it shows.
fn first_showing(zone: Tz, wall: NaiveDateTime) -> Option<DateTime<Utc>> {
    let minute = wall.with_second(0)?;
    let later = (1..=LONGEST_GAP_MINUTES).map(|n| minute + TimeDelta::minutes(n.into()));
    let shown = |wall| zone.from_local_datetime(&wall).earliest();
    let at = std::iter::once(wall).chain(later).find_map(shown)?;
    Some(at.with_timezone(&Utc))
}

/// What is wrong with an expression, as a part of a sentence.
fn text(error: &CronError) -> String {
    match error {
        CronError::EmptyPattern | CronError::InvalidPattern(_) => {
            "it needs five fields, or six with seconds first".to_owned()
        }
        other => other.to_string().trim_end_matches('.').to_lowercase(),
    }
}
