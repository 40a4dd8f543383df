//! A panic anywhere on a delivery's way stops its job, once, and neither the worker nor its neighbours.
//!
//! Needs workers built with failpoints: `cargo build --workspace --bins --features worker/failpoints`.

use simulator::{Fault, FaultKind, Route, Selector};
use tests::{Fleet, GOLDEN, difference, expected};

use crate::{ALL_DONE, GOLDEN_ENQUEUE};

const STOPPED: &str = "SELECT bool_and(state = 'failed' AND fingerprint = 'bug/panic')
                       FROM sync_jobs";

/// A worker that panics whenever a delivery passes a point.
async fn panics_at(point: &str, fleet: &Fleet) -> anyhow::Result<tests::Process> {
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let environment = [("MEGA_SYNC_FAILPOINT", format!("{point}:panic@every"))];
    let worker = fleet.worker_as("panicking", &[], &environment)?;
    let said = format!("failpoint {point}");
    fleet.until_logged("panicking", &said).await?;
    Ok(worker)
}

/// What is wrong is over: everything is done after a requeue.
async fn recovers(fleet: Fleet) -> anyhow::Result<()> {
    fleet.producer_exits(0, &["requeue"]).await?;
    let healthy = fleet.worker(&[])?;
    fleet.until("the run is done", ALL_DONE).await?;
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    fleet.until_drained().await?;
    fleet.retire(healthy).await?;
    fleet.remove().await
}

/// Every job is stopped at the first panic; its message is dead, and comes no more.
async fn every_job_is_stopped(point: &str) -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let worker = panics_at(point, &fleet).await?;
    fleet.until("every job is stopped", STOPPED).await?;
    fleet.until_drained().await?;
    assert_eq!(fleet.depths().await?.dead, 9);
    let panics = fleet.log_of("panicking")?;
    assert_eq!(panics.matches("panicked: failpoint").count(), 9, "{panics}");
    // It lives.
    fleet.retire(worker).await?;
    recovers(fleet).await
}

#[tokio::test(flavor = "multi_thread")]
async fn as_a_message_is_received() -> anyhow::Result<()> {
    every_job_is_stopped("received").await
}

#[tokio::test(flavor = "multi_thread")]
async fn as_a_job_is_claimed() -> anyhow::Result<()> {
    every_job_is_stopped("claiming").await
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_job_was_claimed() -> anyhow::Result<()> {
    every_job_is_stopped("claimed").await
}

#[tokio::test(flavor = "multi_thread")]
async fn as_a_failure_is_recorded() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let broken = Selector::route(Route::DadosParcelas).contrato(11042);
    let gone = FaultKind::Status {
        code: 404,
        retry_after_seconds: None,
    };
    fleet.erp.fault(Fault::always(broken, gone));
    let worker = panics_at("concluding", &fleet).await?;
    let one = "SELECT COUNT(*) FILTER (WHERE state = 'done') = 8
                  AND COUNT(*) FILTER (WHERE fingerprint = 'bug/panic') = 1 FROM sync_jobs";
    fleet
        .until("one is stopped, the others are done", one)
        .await?;
    fleet.until_drained().await?;
    fleet.retire(worker).await?;
    fleet.erp.clear_faults();
    recovers(fleet).await
}

#[tokio::test(flavor = "multi_thread")]
async fn as_a_commit_is_settled() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let worker = panics_at("settling", &fleet).await?;
    fleet.until("the run is done", ALL_DONE).await?;
    fleet.until_drained().await?;
    assert_eq!(fleet.depths().await?.dead, 0);
    fleet.retire(worker).await?;
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn as_a_retry_is_published() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let broken = Selector::route(Route::DadosParcelas).contrato(11042);
    fleet
        .erp
        .fault(Fault::always(broken, FaultKind::ResetConnection));
    let worker = panics_at("settling", &fleet).await?;
    // Not even burying it works; the ledger has it.
    let one = "SELECT COUNT(*) FILTER (WHERE state = 'done') = 8
                  AND COUNT(*) FILTER (WHERE fingerprint = 'bug/panic') = 1 FROM sync_jobs";
    fleet
        .until("one is stopped, the others are done", one)
        .await?;
    fleet.until_drained().await?;
    fleet.retire(worker).await?;
    fleet.erp.clear_faults();
    recovers(fleet).await
}
