//! What people did in a run, and what they still have to do.

use super::moves::Move;
use super::operator;
use super::schedule::{self, ChaosSchedule};
use crate::Fleet;

/// What was done so far.
#[derive(Default)]
pub struct People {
    /// Times the operator had to requeue.
    pub requeues: u32,
    /// Jobs the operator cancelled.
    pub cancelled: usize,
    /// Cancelled jobs that committed all the same.
    pub after_cancel: u32,
    /// Pauses of the fleet.
    pub pauses: u32,
    /// Times the ledger was pruned.
    pub prunes: u32,
    /// Those that are still cancelled.
    held_back: Vec<operator::Job>,
    schedule: Option<ChaosSchedule>,
}

impl People {
    pub(super) async fn make(&mut self, fleet: &Fleet, one: Move) -> anyhow::Result<()> {
        match one {
            Move::Cancel(codes) => {
                let cancelled = operator::cancels(fleet, codes).await?;
                self.cancelled += cancelled.len();
                self.held_back.extend(cancelled);
            }
            Move::Pause(length) => {
                self.pauses += u32::from(operator::pauses(fleet, length).await?);
            }
            Move::Unpause => drop(fleet.producer_exits(0, &["unpause"]).await?),
            Move::Prune => self.prunes += u32::from(operator::prunes(fleet).await?),
            Move::Urgent(code) => operator::hurries(fleet, code).await?,
            Move::Schedule => self.schedule = Some(ChaosSchedule::begin(fleet).await?),
            Move::KillScheduler => {
                if let Some(schedule) = &mut self.schedule {
                    schedule.kill(fleet).await?;
                }
            }
        }
        Ok(())
    }

    pub(super) fn restart_ended(&mut self, fleet: &Fleet) -> anyhow::Result<()> {
        match &mut self.schedule {
            Some(schedule) => schedule.restart_if_ended(fleet),
            None => Ok(()),
        }
    }

    /// When the faults are over: what the schedule has begun is planned, and it begins nothing more.
    pub(super) async fn begin_no_more(&mut self, fleet: &Fleet) -> anyhow::Result<()> {
        operator::signs_in_again(fleet).await?;
        match &mut self.schedule {
            Some(schedule) => schedule.pause(fleet).await,
            None => Ok(()),
        }
    }

    /// Nothing but the operator brings back what was cancelled.
    pub(super) async fn bring_back(&mut self, fleet: &Fleet) -> anyhow::Result<()> {
        self.after_cancel = operator::not_cancelled(fleet, &self.held_back).await?;
        operator::revives(fleet).await
    }

    /// One look of the operator's, who requeues or leaves what failed as it is; whether every run is planned
    /// and every job done or, of these, final.
    pub(super) async fn look(&mut self, fleet: &Fleet, requeues: bool) -> anyhow::Result<bool> {
        let planned = schedule::all_planned(fleet).await?;
        let (ended, requeued) = operator::looks(fleet, requeues).await?;
        self.requeues += requeued;
        Ok(planned && ended)
    }

    /// Ends the scheduler, if there is one.
    pub(super) async fn leave(&mut self) -> anyhow::Result<()> {
        match self.schedule.take() {
            Some(schedule) => schedule.end().await,
            None => Ok(()),
        }
    }
}
