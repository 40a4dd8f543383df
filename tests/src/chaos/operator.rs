//! The operator's part in a run: what the documentation says to do.

use std::time::Duration;

use chrono::Utc;

use super::recovery::{ALL_DONE, ALL_FINAL};
use crate::{Fleet, GOLDEN_ENQUEUE};

/// A job by its run and its target.
pub(super) type Job = (String, String);

/// Cancels some empreendimentos of the newest run over all of them. Gives the jobs of that run which are
/// cancelled once the command has ended well; none where it has not, because a service is away.
pub(super) async fn cancels(fleet: &Fleet, codes: [i64; 2]) -> anyhow::Result<Vec<Job>> {
    let newest = "SELECT id FROM sync_runs WHERE NOT urgent AND schedule IS NULL
                  ORDER BY created_at DESC, id DESC LIMIT 1";
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

/// Pauses the fleet, for so long or until the pause is lifted; `false` where it does not come about.
pub(super) async fn pauses(fleet: &Fleet, length: Option<Duration>) -> anyhow::Result<bool> {
    let until = length.map(|length| (Utc::now() + length).to_rfc3339());
    let mut pause = vec!["pause", "--why", "chaos"];
    if let Some(until) = &until {
        pause.extend(["--until", until]);
    }
    // On a busy machine its end may be over before it begins.
    Ok(fleet.producer(&pause).await?.status.success())
}

/// Enqueues an urgent run of an empreendimento. While the ERP misbehaves it may not come about.
pub(super) async fn hurries(fleet: &Fleet, code: i64) -> anyhow::Result<()> {
    let code = code.to_string();
    let urgent = ["--empreendimento-ids", &code, "--urgent"];
    drop(fleet.producer(&[GOLDEN_ENQUEUE, &urgent].concat()).await?);
    Ok(())
}

/// A run of 500 days ago, of a schedule that is gone: nothing names it.
pub(super) const OLD_RUN: &str = "20250601-020000-0a1b2c";

/// Makes what has ended older than any prune leaves alone, and adds the old run.
const GROW_OLD: &str = "
UPDATE sync_runs SET created_at = created_at - interval '500 days'
WHERE NOT EXISTS (SELECT FROM sync_jobs j WHERE j.run_id = sync_runs.id AND j.state <> 'done');
UPDATE sync_jobs SET finished_at = finished_at - interval '500 days' WHERE state = 'done';
UPDATE sync_attempts SET finished_at = finished_at - interval '500 days' WHERE outcome = 'done';
INSERT INTO sync_runs (id, start_date, end_date, as_of, created_at, schedule)
VALUES ('20250601-020000-0a1b2c', '2025-05-01', '2025-05-31', '2025-06-01',
        now() - interval '500 days', 'gone');
INSERT INTO sync_jobs (run_id, target, seq, nome, state, finished_at)
VALUES ('20250601-020000-0a1b2c', '1400', 1, 'old', 'superseded', now() - interval '500 days');
INSERT INTO sync_attempts (target, generation, run_id, worker, started_at, finished_at, outcome)
VALUES ('1400', 0, '20250601-020000-0a1b2c', 'old', now() - interval '500 days',
        now() - interval '500 days', 'superseded')";

/// Gives the ledger something to prune, before any worker is there.
pub(super) async fn grow_old(fleet: &Fleet) -> anyhow::Result<()> {
    sqlx::raw_sql(GROW_OLD).execute(&fleet.pool).await?;
    Ok(())
}

/// Prunes the ledger and the dead queue; `false` where it does not end well, because a service is away.
pub(super) async fn prunes(fleet: &Fleet) -> anyhow::Result<bool> {
    let prune = ["prune", "--older-than", "30d"];
    Ok(fleet.producer(&prune).await?.status.success())
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
    signs_in_again(fleet).await?;
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

/// Lifts the stop of all sign-ins, where there is one.
pub(super) async fn signs_in_again(fleet: &Fleet) -> anyhow::Result<()> {
    let refused = "SELECT refused_at IS NOT NULL FROM sync_session";
    if asked(fleet, refused).await? {
        fleet.producer_exits(0, &["signin", "--retry"]).await?;
    }
    Ok(())
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
