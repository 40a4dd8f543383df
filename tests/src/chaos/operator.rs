//! The operator's part in a run: what the documentation says to do.

use super::recovery::{ALL_DONE, ALL_FINAL};
use crate::{Fleet, GOLDEN_ENQUEUE};

/// A job by its run and its target.
pub(super) type Job = (String, String);

/// Cancels some empreendimentos of the newest run. Gives the jobs of that run which are cancelled once the
/// command has ended well; none where it has not, because a service is away.
pub(super) async fn cancels(fleet: &Fleet, codes: [i64; 2]) -> anyhow::Result<Vec<Job>> {
    let newest = "SELECT id FROM sync_runs ORDER BY created_at DESC, id DESC LIMIT 1";
    let run: String = sqlx::query_scalar(newest).fetch_one(&fleet.pool).await?;
    let codes = codes.map(|code| code.to_string()).join(",");
    let named = ["--empreendimento-ids", &codes, "--why", "chaos"];
    let cancel = [&["cancel", "--run", &run][..], &named].concat();
    if !fleet.producer(&cancel).await?.status.success() {
        return Ok(Vec::new());
    }
    let cancelled =
        "SELECT run_id, target FROM sync_jobs WHERE run_id = $1 AND state = 'cancelled'";
    let cancelled = sqlx::query_as(cancelled).bind(&run);
    Ok(cancelled.fetch_all(&fleet.pool).await?)
}

/// How many jobs that were cancelled, and not requeued since, have committed or changed their state.
pub(super) async fn not_cancelled(fleet: &Fleet, jobs: &[Job]) -> anyhow::Result<u32> {
    let mut wrong = 0;
    for (run, target) in jobs {
        let still: bool = sqlx::query_scalar(
            "SELECT state = 'cancelled' AND NOT EXISTS (
                 SELECT FROM sync_attempts a
                 WHERE (a.run_id, a.target) = (j.run_id, j.target) AND a.outcome = 'done')
             FROM sync_jobs j WHERE run_id = $1 AND target = $2",
        )
        .bind(run)
        .bind(target)
        .fetch_one(&fleet.pool)
        .await?;
        wrong += u32::from(!still);
    }
    Ok(wrong)
}

/// Requeues jobs that were cancelled, by name.
pub(super) async fn revives(fleet: &Fleet) -> anyhow::Result<()> {
    let runs: Vec<Job> = sqlx::query_as(
        "SELECT run_id, string_agg(target, ',') FROM sync_jobs
         WHERE state = 'cancelled' GROUP BY run_id",
    )
    .fetch_all(&fleet.pool)
    .await?;
    for (run, codes) in runs {
        let by_name = ["requeue", "--run", &run, "--empreendimento-ids", &codes];
        fleet.producer_exits(0, &by_name).await?;
    }
    Ok(())
}

/// One look of the operator's, who requeues or leaves what failed as it is: whether every job is done or, of
/// these, final, and how many runs were requeued.
pub(super) async fn looks(fleet: &Fleet, requeues: bool) -> anyhow::Result<(bool, u32)> {
    let ended = if requeues { ALL_DONE } else { ALL_FINAL };
    if asked(fleet, ended).await? {
        return Ok((true, 0));
    }
    let refused = "SELECT refused_at IS NOT NULL FROM sync_session";
    if asked(fleet, refused).await? {
        fleet.producer_exits(0, &["signin", "--retry"]).await?;
    }
    let runs: Vec<(String, bool, bool)> = sqlx::query_as(
        "SELECT run_id, bool_or(state = 'failed'),
                bool_or(published_at IS NULL AND state = 'queued')
         FROM sync_jobs GROUP BY run_id",
    )
    .fetch_all(&fleet.pool)
    .await?;
    let mut requeued = 0;
    for (run, failed, unpublished) in runs {
        if failed && requeues {
            requeued += 1;
            fleet.producer_exits(0, &["requeue", "--run", &run]).await?;
        } else if unpublished {
            fleet.producer_exits(0, &["resume", "--run", &run]).await?;
        }
    }
    Ok((false, requeued))
}

/// Fills the tables, and then makes every one of them wrong.
pub(super) async fn clean_run_then_spoil(fleet: &Fleet) -> anyhow::Result<()> {
    let worker = fleet.worker_as("clean", &[], &[])?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    fleet.until("the clean run is done", ALL_DONE).await?;
    fleet.retire(worker).await?;
    for statement in [
        "UPDATE entradas_caixa SET forecast = forecast + 1, actual = actual - 1",
        "DELETE FROM estatisticas_portfolio",
        "UPDATE delinquency SET total = total + 1",
        "UPDATE contratos SET status = 'spoiled'",
        "UPDATE empreendimentos SET is_active = NOT is_active",
        // A balance that moves would say that something was paid: that is history, not damage.
        "DELETE FROM faturas_pagar WHERE agente_codigo % 2 = 0 AND saldo_atual <> 0",
        "DELETE FROM saidas_caixa",
    ] {
        sqlx::query(statement).execute(&fleet.pool).await?;
    }
    Ok(())
}

async fn asked(fleet: &Fleet, query: &'static str) -> anyhow::Result<bool> {
    Ok(sqlx::query_scalar(query).fetch_one(&fleet.pool).await?)
}
