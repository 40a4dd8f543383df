//! Deciding the times that are due: first what to decide, then recording it.

use chrono::{DateTime, Utc};
use domain::schedule::{DecidedTime, ScheduleName, ScheduleRecord, ScheduledRun, TimeOutcome};
use store::{Store, StoreError};

use super::asked::scheduled_run;
use super::decision::{Due, Standing, decide};
use super::times::Times;
use crate::error::CommandError;

/// What is to be decided about times of a schedule that are due.
#[derive(Debug, Clone)]
pub struct Decision {
    /// The schedule.
    pub schedule: ScheduleName,
    /// Each time and what becomes of it, in order.
    pub times: Vec<DecidedTime>,
    /// The run that the last of them begins.
    pub run: Option<ScheduledRun>,
    after: DateTime<Utc>,
    until: DateTime<Utc>,
    now: DateTime<Utc>,
}

impl Decision {
    /// What is to be decided at `now` about a schedule as it was read; `None` when no time is due.
    ///
    /// # Errors
    /// When its times cannot be read, or the database fails.
    pub async fn of(
        store: &dyn Store,
        schedule: &ScheduleRecord,
        now: DateTime<Utc>,
    ) -> Result<Option<Self>, CommandError> {
        let times = Times::parse(&schedule.cron, &schedule.tz)?;
        let Some(due) = Due::of(&times, schedule.decided_until, now) else {
            return Ok(None);
        };
        let fleet = store.pause_of_fleet().await?;
        let fleet = fleet.filter(|pause| pause.until.is_none_or(|until| until > now));
        let open = match schedule.overlap {
            true => None,
            false => store.open_run_of(&schedule.name).await?,
        };
        let standing = Standing {
            now,
            schedule: schedule.paused.as_ref(),
            fleet: fleet.as_ref(),
            open: open.as_ref(),
        };
        let run = scheduled_run(schedule, format!("schedule {}", schedule.name), now);
        let times = decide(
            &due,
            &standing,
            run.as_ref()
                .map(|run| &run.id)
                .map_err(|error| error.to_string()),
        );
        let begins = |time: &DecidedTime| matches!(time.outcome, TimeOutcome::Run(_));
        Ok(Some(Self {
            schedule: schedule.name.clone(),
            run: run.ok().filter(|_| times.iter().any(begins)),
            times,
            after: schedule.decided_until,
            until: due.latest(),
            now,
        }))
    }

    /// Records it; `false` when another scheduler has decided these times, and nothing is written.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn record(&self, store: &dyn Store) -> Result<bool, StoreError> {
        store
            .decide(
                &self.schedule,
                self.after,
                self.until,
                &self.times,
                self.run.as_ref(),
                self.now,
            )
            .await
    }
}
