//! Cancelling the plan of a run, or its jobs, each in a short transaction of its own.

use domain::job::{EmpreendimentoId, RunId, Target};
use domain::ledger::{Action, Attempt, Cancelled, NewAction};
use domain::schedule::Planning;
use domain::store_error::StoreError;

use super::dialect::Dialect;
use super::row::row;
use super::sql_store::{SqlStore, in_time};
use super::statement::statement;
use super::targets::listed;
use super::{actions, scheduled_runs, text};
use crate::error::Failure;

const ASKED: &str = "
SELECT target, state FROM sync_jobs
WHERE run_id = $1 AND ($2 = ',' OR $2 LIKE '%,' || target || ',%')
ORDER BY seq";

// Creates the target's row if need be, so that it is locked before a claim or a commit sees it.
const LOCK_TARGET: &str = "
INSERT INTO sync_targets (target) VALUES ($1)
ON CONFLICT (target) DO UPDATE SET target = excluded.target";

// Whatever works on the target for this run has neither the hold nor the newest generation any more.
const FENCE_OUT: &str = "
UPDATE sync_targets SET generation = generation + 1, holder_run = NULL, holder_worker = NULL
WHERE target = $1 AND holder_run = $2";

const CANCEL_ATTEMPT: &str = "
UPDATE sync_attempts SET outcome = 'cancelled', finished_at = $3
WHERE target = $1 AND run_id = $2 AND outcome = 'running'";

const CANCEL_JOB: &str = "
UPDATE sync_jobs
SET state = 'cancelled', finished_at = $3, next_attempt_at = NULL, deferred_since = NULL,
    class = NULL, fingerprint = NULL, message = NULL
WHERE target = $1 AND run_id = $2 AND state NOT IN ('done', 'superseded', 'failed', 'cancelled')";

const OUTCOME: &str = "SELECT outcome FROM sync_attempts WHERE target = $1 AND generation = $2";

row! {
    /// A job that a cancel is about.
    struct AskedRow {
        target: String,
        state: String,
    }
}

row! {
    /// How an attempt ended.
    struct OutcomeRow {
        outcome: String,
    }
}

/// What a cancel found a job to be.
enum Found {
    Waiting,
    InHand,
    Final,
}

impl<DB: Dialect> SqlStore<DB> {
    /// Cancels the plan, when all of the run is asked for and it is still to be planned, else the jobs one
    /// after the other. Who did so is recorded with the first that changes.
    pub(super) async fn cancel_jobs(
        &self,
        run: &RunId,
        empreendimentos: &[EmpreendimentoId],
        by: &str,
        why: &str,
    ) -> Result<Cancelled, StoreError> {
        let about: Vec<_> = empreendimentos.iter().map(ToString::to_string).collect();
        let about = about.join(",");
        let action = NewAction {
            run: Some(run),
            about: Some(&*about).filter(|about| !about.is_empty()),
            why: Some(why),
            ..NewAction::new(Action::Cancel, by)
        };
        // Before the jobs are listed: whoever records the plan first leaves jobs to cancel, and whoever comes
        // later records nothing.
        if empreendimentos.is_empty() && in_time(self.cancel_plan(run, action, by, why)).await? {
            return Ok(Cancelled {
                plan: true,
                ..Cancelled::default()
            });
        }
        let mut cancelled = Cancelled::default();
        for job in in_time(self.asked(run, empreendimentos)).await? {
            let first = (cancelled.total() == 0).then_some(action);
            match in_time(self.cancel_job(run, job, first)).await? {
                Found::Waiting => cancelled.at_once += 1,
                Found::InHand => cancelled.in_hand += 1,
                Found::Final => cancelled.kept += 1,
            }
        }
        Ok(cancelled)
    }

    async fn cancel_plan(
        &self,
        run: &RunId,
        action: NewAction<'_>,
        by: &str,
        why: &str,
    ) -> Result<bool, Failure> {
        let mut tx = self.begin().await?;
        let why = Planning::reason_of_cancel(by, why);
        if !scheduled_runs::refuse::<DB>(&mut tx, run, &why).await? {
            // Without a commit the transaction rolls back.
            return Ok(false);
        }
        actions::record::<DB>(&mut tx, action).await?;
        tx.commit().await?;
        Ok(true)
    }

    async fn asked(
        &self,
        run: &RunId,
        empreendimentos: &[EmpreendimentoId],
    ) -> Result<Vec<AskedRow>, Failure> {
        let targets = empreendimentos.iter().copied().map(Target::Empreendimento);
        statement::<DB>(ASKED)
            .bind(run.to_string())
            .bind(listed(&targets.collect::<Vec<_>>()))
            .fetch_all(&mut *self.connection().await?)
            .await
    }

    async fn cancel_job(
        &self,
        run: &RunId,
        job: AskedRow,
        action: Option<NewAction<'_>>,
    ) -> Result<Found, Failure> {
        if text::state(&job.state)?.is_final() {
            return Ok(Found::Final);
        }
        let mut tx = self.begin().await?;
        // First, as every transaction on a target begins; then the attempt, then the job.
        statement::<DB>(LOCK_TARGET)
            .bind(job.target.clone())
            .execute(&mut tx)
            .await?;
        let now = DB::now(&mut tx).await?;
        let on_job = |text| {
            statement::<DB>(text)
                .bind(job.target.clone())
                .bind(run.to_string())
        };
        on_job(FENCE_OUT).execute(&mut tx).await?;
        let attempts = on_job(CANCEL_ATTEMPT).bind(now).execute(&mut tx).await?;
        if on_job(CANCEL_JOB).bind(now).execute(&mut tx).await? == 0 {
            // It became final meanwhile. Without a commit the transaction rolls back.
            return Ok(Found::Final);
        }
        if let Some(action) = action {
            actions::record::<DB>(&mut tx, action).await?;
        }
        tx.commit().await?;
        Ok(match attempts {
            0 => Found::Waiting,
            _ => Found::InHand,
        })
    }

    /// Whether the attempt's end is that its job was cancelled.
    pub(super) async fn has_been_cancelled(&self, attempt: &Attempt) -> Result<bool, Failure> {
        let row: Option<OutcomeRow> = statement::<DB>(OUTCOME)
            .bind(attempt.job.target.to_string())
            .bind(attempt.generation)
            .fetch_optional(&mut *self.connection().await?)
            .await?;
        Ok(row.is_some_and(|row| row.outcome == "cancelled"))
    }
}
