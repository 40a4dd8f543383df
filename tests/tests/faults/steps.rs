//! A worker that dies, or errs, at each step of a job, and the replacement that finishes its work.
//!
//! Needs workers built with failpoints: `cargo build --workspace --bins --features worker/failpoints`.

use anyhow::Context as _;
use simulator::{Fault, FaultKind, Route, Selector};
use tests::{Fleet, GOLDEN, until};

use crate::{ALL_DONE, GOLDEN_ENQUEUE, assert_nothing_lost_or_doubled, finishes};

/// A fleet with the golden run enqueued.
async fn enqueued() -> anyhow::Result<Fleet> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    Ok(fleet)
}

/// Runs a worker until it dies at a failpoint.
async fn crashes_at(fleet: &Fleet, failpoint: &str) -> anyhow::Result<()> {
    let environment = [("MEGA_SYNC_FAILPOINT", failpoint.to_owned())];
    let mut crashed = fleet.worker_as("crashed", &[], &environment)?;
    let code = crashed
        .ended()
        .await
        .context("is the worker built with --features worker/failpoints?")?;
    assert_eq!(code, None, "ended by itself: {}", fleet.log_of("crashed")?);
    let point = failpoint.split(':').next().unwrap_or_default();
    let last_words = format!("failpoint {point}: the process ends here");
    assert!(fleet.log_of("crashed")?.contains(&last_words));
    Ok(())
}

/// The whole test of a point that every job passes.
async fn dies_at(failpoint: &str) -> anyhow::Result<()> {
    let fleet = enqueued().await?;
    crashes_at(&fleet, failpoint).await?;
    let replacement = fleet.worker_as("replacement", &[], &[])?;
    finishes(fleet, replacement).await
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_message_was_received() -> anyhow::Result<()> {
    dies_at("received:kill").await
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_job_was_claimed() -> anyhow::Result<()> {
    dies_at("claimed:kill").await
}

#[tokio::test(flavor = "multi_thread")]
async fn after_all_was_fetched_and_folded() -> anyhow::Result<()> {
    dies_at("fetched:kill@2").await
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_commit() -> anyhow::Result<()> {
    dies_at("committing:kill").await
}

#[tokio::test(flavor = "multi_thread")]
async fn in_the_middle_of_the_commit() -> anyhow::Result<()> {
    let fleet = enqueued().await?;
    // Rows are replaced by then; the last statements have to wait for this.
    let mut lock = fleet.pool.begin().await?;
    sqlx::query("LOCK TABLE estatisticas_portfolio IN ACCESS EXCLUSIVE MODE")
        .execute(&mut *lock)
        .await?;
    let mut crashed = fleet.worker_as("crashed", &[], &[])?;
    let stuck = "SELECT COUNT(*) > 0 FROM pg_locks
                 WHERE NOT granted AND relation = 'estatisticas_portfolio'::regclass";
    fleet.until("a commit waits half done", stuck).await?;
    crashed.signal("KILL").await?;
    assert_eq!(crashed.ended().await?, None);
    lock.rollback().await?;

    let replacement = fleet.worker_as("replacement", &[], &[])?;
    finishes(fleet, replacement).await
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_commit() -> anyhow::Result<()> {
    dies_at("committed:kill").await
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_last_commit() -> anyhow::Result<()> {
    // All the work is done, and one message is not acknowledged: only that is left to do.
    dies_at("committed:kill@9").await
}

#[tokio::test(flavor = "multi_thread")]
async fn before_the_acknowledgement() -> anyhow::Result<()> {
    dies_at("acking:kill@3").await
}

#[tokio::test(flavor = "multi_thread")]
async fn after_the_acknowledgement() -> anyhow::Result<()> {
    dies_at("acked:kill@3").await
}

/// The worker lives on, and takes a step that was or was not taken for a failed one.
async fn errs_at(point: &str) -> anyhow::Result<()> {
    let fleet = enqueued().await?;
    let environment = [("MEGA_SYNC_FAILPOINT", format!("{point}:error@2"))];
    let worker = fleet.worker_as("worker", &[], &environment)?;
    fleet
        .until_logged("worker", &format!("failpoint {point}"))
        .await?;
    finishes(fleet, worker).await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_took_effect_and_was_taken_for_failed() -> anyhow::Result<()> {
    errs_at("committed").await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_that_failed_before_it_began() -> anyhow::Result<()> {
    errs_at("committing").await
}

#[tokio::test(flavor = "multi_thread")]
async fn between_a_retry_s_publish_and_its_acknowledgement() -> anyhow::Result<()> {
    let fleet = enqueued().await?;
    // As often as a call is tried in place: the job must come back through a retry queue.
    let broken = Selector::route(Route::DadosParcelas).contrato(11042);
    let overloaded = FaultKind::Status {
        code: 500,
        retry_after_seconds: None,
    };
    fleet.erp.fault(Fault::next(2, broken, overloaded));
    crashes_at(&fleet, "retry-published:kill").await?;
    // Two messages of one job: the one that waits, and the one that was never acknowledged, which the broker
    // takes back once it sees that the worker is gone.
    until("both wait", async || {
        let waiting = fleet.depths().await?;
        Ok(waiting.ready + waiting.delayed >= 2)
    })
    .await?;

    let replacement = fleet.worker_as("replacement", &[], &[])?;
    finishes(fleet, replacement).await
}

#[tokio::test(flavor = "multi_thread")]
async fn between_a_burial_and_its_acknowledgement() -> anyhow::Result<()> {
    let fleet = enqueued().await?;
    let broken = Selector::route(Route::DadosParcelas).contrato(11042);
    let gone = FaultKind::Status {
        code: 404,
        retry_after_seconds: None,
    };
    fleet.erp.fault(Fault::always(broken, gone));
    crashes_at(&fleet, "dead-published:kill").await?;

    let replacement = fleet.worker_as("replacement", &[], &[])?;
    let settled = "SELECT bool_and(state IN ('done', 'failed')) FROM sync_jobs";
    fleet.until("every job has ended", settled).await?;
    fleet.until_drained().await?;
    fleet.erp.clear_faults();
    fleet.producer_exits(0, &["requeue"]).await?;
    fleet.until("the run is done", ALL_DONE).await?;
    fleet.until_drained().await?;
    fleet.retire(replacement).await?;
    // The delivery that was not acknowledged was buried once more.
    assert_nothing_lost_or_doubled(&fleet, 2).await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_ends_every_worker_is_stopped_at_the_third() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let one = [GOLDEN_ENQUEUE, &["--empreendimento-ids", "1400"]].concat();
    fleet.producer_exits(0, &one).await?;
    for _ in 0..2 {
        crashes_at(&fleet, "fetched:kill").await?;
    }
    // The third has calls at once: else the death of the second would be certain before it claims.
    sqlx::query("UPDATE sync_workers SET held_calls = 0")
        .execute(&fleet.pool)
        .await?;
    let third = fleet.worker_as("third", &[], &[])?;
    // It cannot know yet that nobody else still works on it, and tells so.
    fleet
        .until_logged("third", "waiting for a sign of life")
        .await?;
    sqlx::query(
        "UPDATE sync_workers SET heartbeat_at = now() - interval '1 hour' WHERE id IN
                 (SELECT worker FROM sync_attempts WHERE outcome = 'crashed')",
    )
    .execute(&fleet.pool)
    .await?;
    let stopped = "SELECT state = 'failed' AND fingerprint = 'bug/worker-crashes' FROM sync_jobs
                   WHERE target = '1400'";
    fleet.until("the job is stopped", stopped).await?;
    fleet.until_drained().await?;
    assert_eq!(fleet.depths().await?.dead, 1);
    let told = fleet.producer_exits(3, &["failed"]).await?;
    assert!(told.contains("its worker died 2 times"), "{told}");

    // The worker lives, and what was wrong may be over.
    fleet.producer_exits(0, &["requeue"]).await?;
    fleet.until("the run is done", ALL_DONE).await?;
    fleet.retire(third).await?;
    fleet.remove().await
}
