//! A time at which figures stood, as a person says it: a run or a day.

use std::str::FromStr;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use chrono_tz::America::Sao_Paulo;
use domain::job::{IdError, RunId};
use domain::ledger::RunRecord;
use store::Store;

use super::runs::find_run;
use crate::error::CommandError;

/// A run or a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Moment {
    /// When the run had committed what it has.
    Run(RunId),
    /// The end of the day in São Paulo.
    Day(NaiveDate),
}

impl FromStr for Moment {
    type Err = IdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match NaiveDate::parse_from_str(text, "%Y-%m-%d") {
            Ok(day) => Ok(Self::Day(day)),
            Err(_) => RunId::try_from(text.to_owned()).map(Self::Run),
        }
    }
}

impl Moment {
    /// The last moment at which the figures stood so.
    ///
    /// # Errors
    /// When there is no such run, or the database fails.
    pub async fn resolve(&self, store: &dyn Store) -> Result<DateTime<Utc>, CommandError> {
        match self {
            Self::Run(run) => {
                let run = find_run(store, Some(run)).await?;
                end_of_run(store, &run).await
            }
            Self::Day(day) => Ok(end_of_day(*day)),
        }
    }
}

/// When the run's last job that is done ended; when the run was created, where none is.
async fn end_of_run(store: &dyn Store, run: &RunRecord) -> Result<DateTime<Utc>, CommandError> {
    let jobs = store.jobs(&run.id).await?;
    let ends = jobs.iter().filter_map(|job| job.finished_at);
    Ok(ends.max().unwrap_or(run.created_at))
}

/// The last microsecond, which is what the databases keep, of a day in São Paulo.
pub fn end_of_day(day: NaiveDate) -> DateTime<Utc> {
    let next = day + chrono::Days::new(1);
    let midnight = next.and_time(chrono::NaiveTime::MIN);
    // Where summer time once began at midnight, the day began an hour later.
    let begins = midnight
        .and_local_timezone(Sao_Paulo)
        .earliest()
        .or_else(|| {
            (midnight + TimeDelta::hours(1))
                .and_local_timezone(Sao_Paulo)
                .earliest()
        })
        .expect("an hour after a gap is a time");
    begins.with_timezone(&Utc) - TimeDelta::microseconds(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_ends_at_midnight_in_sao_paulo() {
        let end = |day: &str| end_of_day(day.parse().unwrap()).to_string();
        assert_eq!(end("2026-11-01"), "2026-11-02 02:59:59.999999 UTC");
        // Summer time began at midnight of 4 November 2018.
        assert_eq!(end("2018-11-03"), "2018-11-04 02:59:59.999999 UTC");
        assert_eq!(end("2018-12-31"), "2019-01-01 01:59:59.999999 UTC");
    }

    #[test]
    fn a_day_is_no_run() {
        assert_eq!(
            "2026-11-01".parse::<Moment>().unwrap(),
            Moment::Day("2026-11-01".parse().unwrap())
        );
        assert!(matches!("20261101-1".parse::<Moment>(), Ok(Moment::Run(_))));
    }
}
