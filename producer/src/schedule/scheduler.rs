//! The process that begins the runs of all schedules, beside any number of others.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use chrono::{DateTime, TimeDelta, Utc};
use domain::schedule::{ScheduleRecord, ScheduledRun};
use mega::MegaClient;
use store::{RunFilter, Store};
use tokio::time::{MissedTickBehavior, interval, timeout};
use tokio_util::sync::CancellationToken;

use super::deciding::Decision;
use super::decision::CATCH_UP;
use super::planning::{is_passing, plan, publish};
use crate::broker::Broker;
use crate::error::CommandError;
use crate::outage::Outage;

/// Time between two looks at the schedules.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// How long a run that is being planned is left alone by others, and how long one try may take.
const LEASE: Duration = Duration::from_secs(60);
/// Time between two looks at what was not published.
const MINUTE: TimeDelta = TimeDelta::minutes(1);
/// Runs with open jobs whose messages are looked at, at most.
const NEWEST_RUNS: u32 = 60;

/// Begins the runs of all schedules at their times.
pub struct Scheduler {
    /// The ledger, whose clock is the one that counts.
    pub store: Arc<dyn Store>,
    /// Where jobs are enqueued.
    pub broker: Broker,
    /// The ERP, whose list a run is planned over.
    pub erp: MegaClient,
}

impl Scheduler {
    /// Looks at the schedules each second until `stop`. Services may be away meanwhile.
    pub async fn run(self, stop: CancellationToken) {
        let mut looks = interval(BETWEEN_LOOKS);
        looks.set_missed_tick_behavior(MissedTickBehavior::Delay);
        let mut last_round = None;
        let mut outage = Outage::of("the schedules are not followed");
        loop {
            let look = async {
                looks.tick().await;
                self.look(&mut last_round).await
            };
            // A look that is broken off is one whose process died: others go on from there.
            let looked = tokio::select! {
                looked = look => looked,
                () = stop.cancelled() => return,
            };
            outage.note(looked);
        }
    }

    async fn look(&self, last_round: &mut Option<DateTime<Utc>>) -> Result<(), CommandError> {
        let now = self.store.clock().await?;
        self.tick(now).await?;
        if last_round.is_none_or(|last| (now - last).abs() >= MINUTE) {
            *last_round = Some(now);
            self.publish_left(now).await?;
        }
        Ok(())
    }

    /// Decides the times that are due at `now`, and plans a run that is to be planned, if there is one.
    ///
    /// # Errors
    /// When the database fails, or a schedule cannot be read; the others are decided nevertheless.
    pub async fn tick(&self, now: DateTime<Utc>) -> Result<(), CommandError> {
        let mut decided = Ok(());
        for schedule in self.store.schedules().await? {
            decided = decided.and(self.decide(&schedule, now).await);
        }
        if let Some(run) = self.store.take_planning(now, LEASE).await? {
            self.plan(&run, now).await?;
        }
        decided
    }

    async fn decide(
        &self,
        schedule: &ScheduleRecord,
        now: DateTime<Utc>,
    ) -> Result<(), CommandError> {
        let store = self.store.as_ref();
        let Some(decision) = Decision::of(store, schedule, now).await? else {
            return Ok(());
        };
        if decision.record(store).await?
            && let Some(run) = &decision.run
        {
            tracing::info!(run = %run.id, schedule = %schedule.name, "begun");
        }
        Ok(())
    }

    /// Plans a run, or records why not: it is tried again as long as a run may be caught up.
    async fn plan(&self, run: &ScheduledRun, now: DateTime<Utc>) -> Result<(), CommandError> {
        let store = self.store.as_ref();
        let planned = timeout(LEASE, plan(store, &self.broker, &self.erp, run)).await;
        let in_time = planned.unwrap_or_else(|_| {
            let seconds = LEASE.as_secs();
            Err(anyhow!("it is not planned within {seconds} s").into())
        });
        let Err(error) = in_time else {
            return Ok(());
        };
        let why = match is_passing(&error) {
            true if now < run.created_at + CATCH_UP => {
                tracing::info!(run = %run.id, schedule = %run.schedule, "not planned yet: {error}");
                store.planning_failed(&run.id, &error.to_string()).await?;
                return Ok(());
            }
            true => format!("not planned within {} hours: {error}", CATCH_UP.num_hours()),
            false => error.to_string(),
        };
        tracing::warn!(run = %run.id, schedule = %run.schedule, "its plan is refused: {why}");
        store.refuse_planning(&run.id, &why).await?;
        Ok(())
    }

    /// Publishes what a scheduler that died had recorded and not published.
    async fn publish_left(&self, now: DateTime<Utc>) -> Result<(), CommandError> {
        let store = self.store.as_ref();
        let open = store
            .recent_runs(RunFilter::Open, None, NEWEST_RUNS)
            .await?;
        let open = open.into_iter().map(|open| open.run);
        // Whoever plans one publishes it within moments.
        let left = open.filter(|run| run.planning.is_none() && now - run.created_at >= MINUTE);
        for run in left.filter(|run| run.schedule.is_some()) {
            publish(store, &self.broker, &run.id).await?;
        }
        Ok(())
    }
}
