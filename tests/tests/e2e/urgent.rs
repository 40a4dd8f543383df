//! An urgent run is not behind a full one.

use simulator::{Fault, FaultKind, Route, Selector};
use tests::{Fleet, GOLDEN, GOLDEN_BACKFILL, Process, difference, expected};

use crate::GOLDEN_ENQUEUE;

/// Whether nothing of the full run is done.
const FULL_STANDS: &str = "
SELECT bool_and(j.state NOT IN ('done', 'superseded')) FROM sync_jobs j
JOIN sync_runs r ON r.id = j.run_id WHERE NOT r.urgent";

/// A fleet whose only worker has its only slot taken by the first job of a full run, which the ERP holds.
async fn filled() -> anyhow::Result<(Fleet, Process)> {
    let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    // The held call must not end before the gate is opened.
    fleet.set("MEGA_API_TIMEOUT", "300");
    fleet.erp.gate(Selector::route(Route::FaturaPagar));
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let worker = fleet.worker(&["--jobs-at-once", "1"])?;
    fleet.erp.wait_for_calls(Route::FaturaPagar, 1).await;
    Ok((fleet, worker))
}

/// An urgent run of one empreendimento, to its end.
async fn urgent(fleet: &Fleet) -> anyhow::Result<()> {
    let one = ["--empreendimento-ids", "1403", "--urgent"];
    fleet
        .producer_exits(0, &[&GOLDEN_BACKFILL[..], &one].concat())
        .await?;
    let stands: bool = sqlx::query_scalar(FULL_STANDS)
        .fetch_one(&fleet.pool)
        .await?;
    assert!(stands, "the full run was before it");
    let status = fleet.producer_exits(0, &["status"]).await?;
    assert!(status.contains("complete, 1 of 1 job done"), "{status}");
    assert!(status.contains("urgent"), "{status}");
    Ok(())
}

/// The full run goes on and ends, and nothing is lost.
async fn the_rest(fleet: Fleet, worker: Process) -> anyhow::Result<()> {
    fleet.erp.open_gates();
    let both = "SELECT bool_and(state IN ('done', 'superseded')) FROM sync_jobs";
    fleet.until("both runs are done", both).await?;
    fleet.until_drained().await?;
    assert_eq!(fleet.depths().await?.dead, 0);
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    fleet.retire(worker).await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_urgent_run_is_done_while_a_full_one_fills_the_only_worker() -> anyhow::Result<()> {
    let (fleet, worker) = filled().await?;
    urgent(&fleet).await?;
    the_rest(fleet, worker).await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_urgent_job_that_fails_is_tried_again_before_the_full_run() -> anyhow::Result<()> {
    let (fleet, worker) = filled().await?;
    let contratos = Selector::route(Route::DadosContrato).empreendimento(1403);
    let down = FaultKind::Status {
        code: 500,
        retry_after_seconds: None,
    };
    // Every try of the first attempt.
    fleet.erp.fault(Fault::next(2, contratos, down));
    urgent(&fleet).await?;
    let attempts: Vec<String> = sqlx::query_scalar(
        "SELECT a.outcome FROM sync_attempts a JOIN sync_runs r ON r.id = a.run_id
         WHERE r.urgent ORDER BY a.generation",
    )
    .fetch_all(&fleet.pool)
    .await?;
    assert_eq!(attempts, ["retry", "done"]);
    the_rest(fleet, worker).await
}
