//! Publishing a result: the one transaction that a commit is.

use chrono::{DateTime, Utc};
use domain::checks::Check;
use domain::job::EmpreendimentoId;
use domain::ledger::{Attempt, AttemptEnd, Committed, View};
use domain::manifest::Manifest;
use domain::tables::{EmpreendimentoResult, SaidasCaixaResult};
use sqlx::types::Json;

use super::cells::Written;
use super::coverage::Newer;
use super::dialect::Dialect;
use super::ending::{END_ATTEMPT, Ending, record_end};
use super::fence::{self, FenceRow};
use super::scope::Scope;
use super::sql_store::SqlStore;
use super::statement::statement;
use super::{cells, checks, coverage, memory};
use crate::error::Failure;

const COMMIT_TARGET: &str = "
UPDATE sync_targets
SET committed_at = $2, commit_generation = generation, commit_run = $3, commit_created_at = $4,
    commit_start_date = $5, commit_end_date = $6, commit_as_of = $7, commit_manifest = $8
WHERE target = $1";

const FINISH_JOB: &str = "
UPDATE sync_jobs
SET state = 'done', finished_at = $3, manifest = $4, next_attempt_at = NULL,
    class = NULL, fingerprint = NULL, message = NULL
WHERE run_id = $1 AND target = $2";

/// What a job publishes.
pub(super) enum Publication<'a> {
    /// An empreendimento's rows.
    Empreendimento(EmpreendimentoId, &'a EmpreendimentoResult),
    /// Payables and cash out.
    SaidasCaixa(&'a SaidasCaixaResult),
}

impl Publication<'_> {
    fn manifest(&self) -> &Manifest {
        match self {
            Self::Empreendimento(_, result) => &result.manifest,
            Self::SaidasCaixa(result) => &result.manifest,
        }
    }
}

impl<DB: Dialect> SqlStore<DB> {
    /// One transaction, opened after all of the result is in memory.
    pub(super) async fn commit(
        &self,
        attempt: &Attempt,
        publication: Publication<'_>,
        checks: &[Check],
    ) -> Result<Committed, Failure> {
        let mut tx = self.begin().await?;
        let now = DB::now(&mut tx).await?;
        let Some(fence) = fence::pass::<DB>(&mut tx, attempt).await? else {
            tx.rollback().await?;
            self.end(attempt, &AttemptEnd::Superseded).await?;
            return Ok(Committed::Fenced);
        };
        let view = View {
            as_of: attempt.job.params.as_of,
            run_created_at: fence.run_created_at,
        };
        let scope = scope::<DB>(&mut tx, attempt, view, &fence).await?;
        let manifest = publication.manifest();
        if scope.latest {
            commit_target::<DB>(&mut tx, attempt, view, manifest, now).await?;
        }
        coverage::cover::<DB>(&mut tx, attempt, view, &scope, now).await?;
        match publication {
            Publication::Empreendimento(id, result) => {
                DB::write_empreendimento(&mut tx, attempt, id, result, &scope, now).await?;
                memory::record::<DB>(&mut tx, attempt, &result.memory).await?;
            }
            Publication::SaidasCaixa(result) => {
                DB::write_saidas_caixa(&mut tx, attempt, result, &scope, now).await?;
            }
        }
        cells::record::<DB>(&mut tx, Written::by(attempt), now).await?;
        let mut all = checks.to_vec();
        let kept = scope.left();
        all.push(Check::newer_stays(&kept));
        checks::record_for::<DB>(&mut tx, attempt, &all).await?;
        let ending = Ending {
            outcome: "done",
            cause: None,
            manifest: Some(manifest),
        };
        record_end::<DB>(&mut tx, END_ATTEMPT, attempt, &ending, now).await?;
        statement::<DB>(FINISH_JOB)
            .bind(attempt.job.run_id.to_string())
            .bind(attempt.job.target.to_string())
            .bind(now)
            .bind(Json(manifest.clone()))
            .execute(&mut tx)
            .await?;
        tx.commit().await?;
        Ok(Committed::Applied { kept })
    }
}

/// Tells what of the job is this view's to write.
async fn scope<DB: Dialect>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
    view: View,
    fence: &FenceRow,
) -> Result<Scope, Failure> {
    let replace_newer = fence.replace_newer;
    let newer = match replace_newer {
        true => Newer::default(),
        false => coverage::newer::<DB>(connection, attempt, view).await?,
    };
    let periods = coverage::periods(attempt).into_iter();
    let (kept, written) = periods.partition(|period| newer.periods.contains(period));
    let payables = attempt.job.payables.clone();
    let latest = replace_newer || fence.last_view().is_none_or(|last| last <= view);
    Ok(Scope {
        written,
        kept,
        kept_of_filiais: newer.of_filiais,
        // The payables of some filiais are no view of the whole target.
        latest: latest && payables.filiais.is_empty(),
        payables,
        replace_newer,
        unlisted: fence.unlisted_since.is_some(),
    })
}

/// Records a commit with its target.
async fn commit_target<DB: Dialect>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
    view: View,
    manifest: &Manifest,
    now: DateTime<Utc>,
) -> Result<(), Failure> {
    let params = attempt.job.params;
    statement::<DB>(COMMIT_TARGET)
        .bind(attempt.job.target.to_string())
        .bind(now)
        .bind(attempt.job.run_id.to_string())
        .bind(view.run_created_at)
        .bind(params.start_date)
        .bind(params.end_date)
        .bind(params.as_of)
        .bind(Json(manifest.clone()))
        .execute(connection)
        .await?;
    Ok(())
}
