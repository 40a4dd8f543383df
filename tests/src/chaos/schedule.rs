//! A schedule of every second second, and the process that follows it.

use crate::{Fleet, Process};

/// Its name.
pub(super) const NAME: &str = "chaos";
/// Seconds between its times.
pub(super) const EVERY: u32 = 2;
/// Under which the scheduler logs.
pub(super) const LOG: &str = "scheduler";

/// Months that are over: as of any later day their figures are those of the golden run.
const ADD: &[&str] = &[
    "schedule",
    "add",
    NAME,
    "--cron",
    "*/2 * * * * *",
    "--",
    "--start-date",
    "2026-01-01",
    "--end-date",
    "2026-10-31",
    "--empreendimento-ids",
    "1409",
];

/// As a minute would: a run that a dead scheduler was planning, or could not plan, is left to the next.
const LET_GO: &str = "UPDATE sync_runs SET planning_until = NULL WHERE planning = 'open'";

/// A schedule that has begun, and its scheduler.
pub(super) struct ChaosSchedule {
    scheduler: Process,
}

impl ChaosSchedule {
    pub(super) async fn begin(fleet: &Fleet) -> anyhow::Result<Self> {
        fleet.producer_exits(0, ADD).await?;
        let scheduler = start(fleet)?;
        Ok(Self { scheduler })
    }

    /// Kills the scheduler wherever it is, and starts another.
    pub(super) async fn kill(&mut self, fleet: &Fleet) -> anyhow::Result<()> {
        if !self.scheduler.has_ended() {
            self.scheduler.signal("KILL").await?;
            self.scheduler.ended().await?;
        }
        sqlx::query(LET_GO).execute(&fleet.pool).await?;
        self.scheduler = start(fleet)?;
        Ok(())
    }

    /// Restarts a scheduler that has ended by itself: one that meets no service at its start gives up.
    pub(super) fn restart_if_ended(&mut self, fleet: &Fleet) -> anyhow::Result<()> {
        if self.scheduler.has_ended() {
            self.scheduler = start(fleet)?;
        }
        Ok(())
    }

    /// Begins no more runs. What was begun is planned by a scheduler that nothing has gone wrong for.
    pub(super) async fn pause(&mut self, fleet: &Fleet) -> anyhow::Result<()> {
        let pause = ["schedule", "pause", NAME, "--why", "the faults are over"];
        fleet.producer_exits(0, &pause).await?;
        self.kill(fleet).await
    }

    /// Ends the scheduler in good order.
    pub(super) async fn end(mut self) -> anyhow::Result<()> {
        self.scheduler.signal("TERM").await?;
        // One that was started a moment ago may not listen for signals yet, and ends by it.
        let code = self.scheduler.ended().await?;
        anyhow::ensure!(
            matches!(code, Some(0) | None),
            "a scheduler ended in {code:?}"
        );
        Ok(())
    }
}

/// Whether every run that was begun is planned, or never will be.
pub(super) async fn all_planned(fleet: &Fleet) -> anyhow::Result<bool> {
    let all = "SELECT NOT EXISTS (SELECT FROM sync_runs WHERE planning = 'open')";
    Ok(sqlx::query_scalar(all).fetch_one(&fleet.pool).await?)
}

fn start(fleet: &Fleet) -> anyhow::Result<Process> {
    fleet.start_as("producer", LOG, &["schedule", "run"], &[])
}
