//! What a person did beside backfills and requeues.

use chrono::{DateTime, Utc};

use crate::job::RunId;

/// A kind of action.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString, strum::IntoStaticStr)]
#[strum(serialize_all = "snake_case")]
pub enum Action {
    /// Published what was missing of a run.
    Resume,
    /// Cancelled what was open of a run, or the empreendimentos that it is about.
    Cancel,
    /// Lifted the stop of all sign-ins after a refusal.
    SigninRetry,
    /// Added a schedule.
    ScheduleAdd,
    /// Removed a schedule.
    ScheduleRemove,
    /// Paused a schedule.
    SchedulePause,
    /// Lifted the pause of a schedule.
    ScheduleResume,
    /// Began a run of a schedule beside its times.
    ScheduleRunNow,
    /// Paused the fleet.
    Pause,
    /// Lifted the fleet's pause.
    Unpause,
}

impl Action {
    /// Its name in the ledger.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// An action about to be recorded.
#[derive(Debug, Clone, Copy)]
pub struct NewAction<'a> {
    /// What is done.
    pub what: Action,
    /// Who does it: user@host.
    pub by: &'a str,
    /// To which run, where it is about one.
    pub run: Option<&'a RunId>,
    /// To what else, such as the name of a schedule.
    pub about: Option<&'a str>,
    /// Why, as they put it.
    pub why: Option<&'a str>,
}

impl<'a> NewAction<'a> {
    /// One that is about the whole fleet, without a reason.
    pub const fn new(what: Action, by: &'a str) -> Self {
        Self {
            what,
            by,
            run: None,
            about: None,
            why: None,
        }
    }
}

/// A recorded action.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ActionRecord {
    /// When, by the database's clock.
    pub at: DateTime<Utc>,
    /// Who did it: user@host.
    pub by: String,
    /// What was done.
    pub what: Action,
    /// To what beside the run, such as the empreendimentos that were cancelled, `1400,1403`.
    pub about: Option<String>,
    /// Why, as they put it; absent where nobody asked them.
    pub why: Option<String>,
}
