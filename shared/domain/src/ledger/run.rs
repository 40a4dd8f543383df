//! Runs, new and recorded.

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::checks::Check;
use crate::job::{Payables, RunId, RunParams, Target};
use crate::schedule::{Planning, ScheduleName};
use crate::tables::{EmpreendimentoRow, FilialRow};

/// A run about to be recorded, with the catalogue it was planned from.
#[derive(Debug, Clone)]
pub struct NewRun {
    /// Its name.
    pub id: RunId,
    /// Its parameters.
    pub params: RunParams,
    /// Every filial of the catalogue.
    pub filiais: Vec<FilialRow>,
    /// Every empreendimento of the catalogue.
    pub empreendimentos: Vec<EmpreendimentoRow>,
    /// Its jobs, in the order to publish them.
    pub jobs: Vec<NewJob>,
    /// The checks made of its plan.
    pub checks: Vec<Check>,
    /// It may overwrite months that a later view has written.
    pub replace_newer: bool,
    /// Its jobs are not behind those of other runs.
    pub urgent: bool,
    /// What it does about payables.
    pub payables: Payables,
    /// Who asked for it: user@host.
    pub by: String,
}

/// One job of a [`NewRun`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct NewJob {
    /// What to work on.
    pub target: Target,
    /// Its name for people.
    pub nome: String,
}

/// A recorded run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RunRecord {
    /// Its name.
    pub id: RunId,
    /// Its parameters.
    #[serde(flatten)]
    pub params: RunParams,
    /// When it was enqueued.
    pub created_at: DateTime<Utc>,
    /// It may overwrite months that a later view has written.
    pub replace_newer: bool,
    /// Its jobs are not behind those of other runs; left out in JSON where they are.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub urgent: bool,
    /// What it does about payables.
    pub payables: Payables,
    /// Who asked for it: user@host; absent where an earlier version recorded it.
    pub by: Option<String>,
    /// The schema of the replaced system's tables that it took history over from; absent for any
    /// other run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub imported_from: Option<String>,
    /// The schedule that began it; absent for any other run.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub schedule: Option<ScheduleName>,
    /// Where its planning stands; absent once it is planned.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub planning: Option<Planning>,
}

/// A run with what became of its jobs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunOutcome {
    /// The run.
    pub run: RunRecord,
    /// Its jobs.
    pub total: u64,
    /// Those that are not final.
    pub open: u64,
    /// Those that failed.
    pub failed: u64,
    /// Those that were cancelled.
    pub cancelled: u64,
    /// When its last job became final; absent while one is not.
    pub finished_at: Option<DateTime<Utc>>,
}

impl RunOutcome {
    /// Whether jobs are not final, or the run is still to be planned.
    pub const fn is_open(&self) -> bool {
        self.open > 0 || matches!(self.run.planning, Some(Planning::Open { .. }))
    }

    /// Whether jobs failed, or the run was not planned for good.
    pub const fn has_failed(&self) -> bool {
        self.failed > 0 || matches!(self.run.planning, Some(Planning::Refused { .. }))
    }
}
