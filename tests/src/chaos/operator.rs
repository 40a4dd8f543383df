//! The operator's part in a run: what the documentation says to do.

use super::recovery::ALL_FINAL;
use crate::{Fleet, GOLDEN_ENQUEUE};

/// One look of the operator's: whether every job is done, and how many runs were requeued.
pub(super) async fn looks(fleet: &Fleet) -> anyhow::Result<(bool, u32)> {
    if asked(fleet, ALL_FINAL).await? {
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
    let mut requeues = 0;
    for (run, failed, unpublished) in runs {
        if failed {
            requeues += 1;
            fleet.producer_exits(0, &["requeue", "--run", &run]).await?;
        } else if unpublished {
            fleet.producer_exits(0, &["resume", "--run", &run]).await?;
        }
    }
    Ok((false, requeues))
}

/// Fills the tables, and then makes every one of them wrong.
pub(super) async fn clean_run_then_spoil(fleet: &Fleet) -> anyhow::Result<()> {
    let worker = fleet.worker_as("clean", &[], &[])?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    fleet.until("the clean run is done", ALL_FINAL).await?;
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
