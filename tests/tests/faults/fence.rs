//! A worker that stalls while another redoes its job, and then wakes up.

use serde_json::json;
use simulator::{Route, Selector};
use tests::{Fleet, GOLDEN, Proxy};

use crate::{ALL_DONE, GOLDEN_ENQUEUE, assert_nothing_lost_or_doubled};

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_wakes_up_late_writes_nothing() -> anyhow::Result<()> {
    let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    // A stalled call goes on when its process does, instead of being given up.
    fleet.set("MEGA_API_TIMEOUT", "120");
    // What the stalled worker reads of 11002 is not what is true later: if it were to commit, it shows.
    fleet.erp.override_parcelas(11002, json!([]));
    fleet
        .erp
        .gate(Selector::route(Route::DadosParcelas).contrato(11001));
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;

    let amqp_url = std::env::var("AMQP_URL")?;
    let broker = Proxy::to(&amqp_url, 5672).await?;
    let behind = [("AMQP_URL", broker.url())];
    let stalled = fleet.worker_as("stalled", &["--jobs-at-once", "9"], &behind)?;
    let others = "SELECT COUNT(*) = 8 FROM sync_jobs WHERE state = 'done'";
    fleet.until("all but the one held are done", others).await?;
    fleet
        .erp
        .wait_until(|counters| counters.in_flight == 1 && counters.at_gate == 1)
        .await;
    stalled.signal("STOP").await?;
    // The broker sees its connection end, and delivers the message to another.
    broker.cut();

    fleet.erp.clear_overrides();
    fleet.erp.open_gates();
    let replacement = fleet.worker_as("replacement", &[], &[])?;
    fleet.until("the run is done", ALL_DONE).await?;

    stalled.signal("CONT").await?;
    fleet.until_logged("stalled", "fenced out").await?;
    // Its message comes once more, and finds the job done.
    fleet.until_drained().await?;
    fleet.retire(stalled).await?;
    fleet.retire(replacement).await?;
    assert_nothing_lost_or_doubled(&fleet, 0).await?;
    let attempts: Vec<String> = sqlx::query_scalar(
        "SELECT outcome FROM sync_attempts WHERE target = '1400' ORDER BY generation",
    )
    .fetch_all(&fleet.pool)
    .await?;
    // The claim that took the job over took the silent one for dead, until that told otherwise.
    assert_eq!(attempts, ["superseded", "done"]);
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_claim_with_a_lost_delivery_costs_no_job_its_last_message() -> anyhow::Result<()> {
    let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.set("MEGA_API_TIMEOUT", "120");
    // Each job's first call.
    for route in [Route::DadosContrato, Route::FaturaPagar] {
        fleet.erp.gate(Selector::route(route));
    }
    let amqp_url = std::env::var("AMQP_URL")?;
    let before_stalled = Proxy::to(&amqp_url, 5672).await?;
    let before_replacement = Proxy::to(&amqp_url, 5672).await?;
    let behind = [
        ("AMQP_URL", before_stalled.url()),
        ("MEGA_SYNC_FAILPOINT", "received:stall".to_owned()),
    ];
    let mut stalled = fleet.worker_as("stalled", &["--jobs-at-once", "1"], &behind)?;
    let behind = [("AMQP_URL", before_replacement.url())];
    let replacement = fleet.worker_as("replacement", &["--jobs-at-once", "9"], &behind)?;
    // Each keeps its half of the calls from now on, whatever the other does.
    let halves = "SELECT COUNT(*) = 2 AND MIN(held_calls) = MAX(held_calls) FROM sync_workers";
    fleet.until("each has half of the calls", halves).await?;
    before_replacement.down();
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    fleet.until_logged("stalled", "stalls here").await?;
    before_stalled.down();

    // The replacement gets all messages, and is in the middle of each job when the stalled worker goes on
    // and claims the one whose delivery it has lost.
    before_replacement.up();
    let all = "SELECT COUNT(*) = 9 FROM sync_jobs WHERE state = 'running'";
    fleet.until("the replacement has all jobs", all).await?;
    stalled.signal("CONT").await?;
    let again = "SELECT COUNT(*) = 1 FROM sync_attempts WHERE generation = 2";
    fleet.until("one is claimed again", again).await?;
    stalled.signal("KILL").await?;
    stalled.ended().await?;

    // The replacement is fenced out by a claim that died, and holds the only message of the job.
    fleet.erp.open_gates();
    fleet.until_logged("replacement", "fenced out").await?;
    fleet.until("the run is done", ALL_DONE).await?;
    fleet.until_drained().await?;
    fleet.retire(replacement).await?;
    assert_nothing_lost_or_doubled(&fleet, 0).await?;
    // The claim took the replacement for dead, wrongly, and was itself one that died.
    let crashes: Vec<i64> = sqlx::query_scalar("SELECT crashes FROM sync_jobs WHERE crashes > 0")
        .fetch_all(&fleet.pool)
        .await?;
    assert_eq!(crashes, [1]);
    fleet.remove().await
}
