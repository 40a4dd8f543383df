//! What the ledger shows, as far as it may have to be told.

use chrono::{DateTime, TimeDelta, Utc};
use domain::ledger::{JobRecord, JobState, RequeueFilter, RunOutcome};
use domain::schedule::MissedTimes;
use domain::session::Refusal;
use store::{ErpWait, RunFilter, Store, StoreError};

use super::refused_plan::RefusedPlan;
use crate::report::last_complete;

/// Runs that are looked at, at most.
const NEWEST_RUNS: u32 = 20;
/// A job that has been deferred for longer is lost: it would have failed after two days.
const LONGEST_DEFERRED: TimeDelta = TimeDelta::days(3);

/// What the ledger shows.
#[derive(Debug, Clone, Default)]
pub(super) struct Seen {
    /// The newest runs with jobs, the newest first.
    pub runs: Vec<RunOutcome>,
    /// The failed jobs of those up to the newest that has ended, the newest run first.
    pub failures: Vec<(RunOutcome, Vec<JobRecord>)>,
    /// Whether every target's newest job is done.
    pub all_done: bool,
    /// The refused sign-in.
    pub refused: Option<Refusal>,
    /// Jobs that wait for the ERP.
    pub erp: ErpWait,
    /// When a run completed last.
    pub last_complete: Option<DateTime<Utc>>,
    /// Times that schedules have missed since each last began a run.
    pub missed: Vec<MissedTimes>,
    /// The newest run that cannot be planned, of the newest runs.
    pub refused_plan: Option<RefusedPlan>,
    /// Whether the fleet is paused.
    pub paused: bool,
}

impl Seen {
    /// Reads the ledger.
    pub async fn read(store: &dyn Store, now: DateTime<Utc>) -> Result<Self, StoreError> {
        let mut runs = store.recent_runs(RunFilter::All, None, NEWEST_RUNS).await?;
        let refused_plan = RefusedPlan::among(&runs);
        runs.retain(|run| run.total > 0);
        let mut failures = Vec::new();
        for run in up_to_ended(&runs) {
            if run.failed > 0 {
                let all = RequeueFilter::default();
                failures.push((run.clone(), store.requeueable(&run.run.id, &all).await?));
            }
        }
        let states = store.jobs_by_state().await?;
        let is_done = |state: &JobState| matches!(state, JobState::Done | JobState::Superseded);
        Ok(Self {
            runs,
            failures,
            all_done: states.iter().all(|(state, _)| is_done(state)),
            refused: store.session().await?.refused,
            erp: store.erp_wait(now - LONGEST_DEFERRED).await?,
            last_complete: last_complete(store).await?.map(|(_, at)| at),
            missed: store.missed_times().await?,
            refused_plan,
            paused: store.pause_of_fleet().await?.is_some(),
        })
    }
}

/// The newest run that has ended, and those after it.
fn up_to_ended(runs: &[RunOutcome]) -> &[RunOutcome] {
    let ended = runs.iter().position(|run| run.open == 0);
    ended.map_or(runs, |ended| &runs[..=ended])
}
