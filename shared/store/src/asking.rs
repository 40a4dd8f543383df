//! Questions about runs, jobs, workers and published figures.

use async_trait::async_trait;
use domain::checks::CheckRecord;
use domain::job::{EmpreendimentoId, RunId, Target};
use domain::ledger::{
    ActionRecord, AttemptRecord, JobRecord, JobState, LivingWorker, RequeueRecord, RunOutcome,
    RunRecord,
};
use domain::month::Month;
use domain::store_error::StoreError;

use crate::figures::{Measure, MonthlyFigure, PendingMonth, PublishedRow, TableTotal};

/// Which runs are listed, by what became of their jobs and of their planning.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[strum(serialize_all = "snake_case")]
pub enum RunFilter {
    /// Every run.
    #[default]
    All,
    /// Those with jobs that are not final, or still to be planned.
    Open,
    /// Those with jobs that failed, open or not, or whose planning was refused.
    Failed,
    /// Those that are planned and whose every job is done or superseded.
    Complete,
}

/// Questions; none changes anything.
#[async_trait]
pub trait Asking: Send + Sync {
    /// A run, or the newest one; `None` when there is none.
    async fn run(&self, run: Option<&RunId>) -> Result<Option<RunRecord>, StoreError>;

    /// The newest runs that a filter picks, the newest first, each with what became of its jobs; only
    /// those older than `before` where it is given.
    async fn recent_runs(
        &self,
        filter: RunFilter,
        before: Option<&RunId>,
        most: u32,
    ) -> Result<Vec<RunOutcome>, StoreError>;

    /// A run's jobs, in publishing order.
    async fn jobs(&self, run: &RunId) -> Result<Vec<JobRecord>, StoreError>;

    /// How many targets' newest jobs are in each state, of the runs of the last 30 days; states
    /// without any are left out.
    async fn jobs_by_state(&self) -> Result<Vec<(JobState, u64)>, StoreError>;

    /// The workers that are alive, each with what it has in hand; the one started first first.
    async fn fleet(&self) -> Result<Vec<LivingWorker>, StoreError>;

    /// A measure of every empreendimento in the months from `first` to `last`, by name and month; an
    /// empreendimento without a figure is left out.
    async fn monthly_figures(
        &self,
        measure: Measure,
        first: Month,
        last: Month,
    ) -> Result<Vec<MonthlyFigure>, StoreError>;

    /// The months from `first` to `last` whose figures are not those of the newest run that covers
    /// them, because its job is open or has failed; by empreendimento and month, of one or of all. A run
    /// that would leave a month as a later view has it does not count, nor does a cancelled job.
    async fn pending_months(
        &self,
        of: Option<EmpreendimentoId>,
        first: Month,
        last: Month,
    ) -> Result<Vec<PendingMonth>, StoreError>;

    /// Rows and sums of the published tables.
    async fn totals(&self) -> Result<Vec<TableTotal>, StoreError>;

    /// What an empreendimento is called; `None` when the catalogue never had it.
    async fn empreendimento_nome(&self, id: EmpreendimentoId)
    -> Result<Option<String>, StoreError>;

    /// The figures of a target, of one month or of all, each row with the attempt that wrote it.
    async fn published_rows(
        &self,
        target: Target,
        month: Option<Month>,
    ) -> Result<Vec<PublishedRow>, StoreError>;

    /// The checks of a run: of its plan, and of each job's newest attempt that was checked.
    async fn checks_of_run(&self, run: &RunId) -> Result<Vec<CheckRecord>, StoreError>;

    /// The checks of one attempt; none where it was not checked, or by an earlier version.
    async fn checks_of_attempt(
        &self,
        target: Target,
        generation: i64,
    ) -> Result<Vec<CheckRecord>, StoreError>;

    /// A target's newest attempts, at most so many, the newest first.
    async fn attempts(&self, target: Target, most: u32) -> Result<Vec<AttemptRecord>, StoreError>;

    /// A target's newest requeues, at most so many, the newest first.
    async fn requeues(&self, target: Target, most: u32) -> Result<Vec<RequeueRecord>, StoreError>;

    /// What people did to a run beside requeues, the oldest first. Kinds of actions that only a newer
    /// build knows are left out.
    async fn actions(&self, run: &RunId) -> Result<Vec<ActionRecord>, StoreError>;

    /// A target's last commit with a generation of at most `until`, and the one before it.
    async fn last_commits(
        &self,
        target: Target,
        until: i64,
    ) -> Result<Vec<AttemptRecord>, StoreError>;
}
