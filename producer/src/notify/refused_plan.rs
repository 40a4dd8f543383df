//! The newest run that cannot be planned.

use chrono::{DateTime, Utc};
use domain::job::RunId;
use domain::ledger::RunOutcome;
use domain::schedule::{Planning, ScheduleName};

/// A run that cannot be planned, and that nobody has cancelled.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RefusedPlan {
    /// The run.
    pub run: RunId,
    /// The schedule that began it.
    pub schedule: Option<ScheduleName>,
    /// Why it cannot be planned.
    pub why: String,
    /// When it was begun.
    pub begun_at: DateTime<Utc>,
    /// Whether a later run of the schedule, or of a person, is planned.
    pub replaced: bool,
}

impl RefusedPlan {
    /// The newest among runs, of which the newest is the first.
    pub fn among(runs: &[RunOutcome]) -> Option<Self> {
        let mut places = runs.iter().enumerate();
        let (place, run, why) =
            places.find_map(|(place, RunOutcome { run, .. })| match &run.planning {
                Some(planning @ Planning::Refused { why }) if !planning.is_cancelled() => {
                    Some((place, run, why))
                }
                _ => None,
            })?;
        let mut later = runs[..place].iter().map(|later| &later.run);
        let replaced = later.any(|later| {
            let schedule = &later.schedule;
            later.planning.is_none() && (schedule.is_none() || *schedule == run.schedule)
        });
        Some(Self {
            run: run.id.clone(),
            schedule: run.schedule.clone(),
            why: why.clone(),
            begun_at: run.created_at,
            replaced,
        })
    }
}
