//! The fleet's calls, shared by its workers.

use simulator::{Config, Latency, Seeded};
use tests::{Fleet, GOLDEN, LONGEST_WAIT, difference, expected};

use crate::standalone::ONE_JOB_AT_A_TIME;
use crate::{ALL_DONE, GOLDEN_ENQUEUE};

#[tokio::test(flavor = "multi_thread")]
async fn two_workers_that_may_make_one_call_make_one() -> anyhow::Result<()> {
    let fleet = Fleet::new(Config {
        latency: Latency {
            base_seconds: 0.02,
            ..Latency::NONE
        },
        ..Config::folder(GOLDEN)
    })
    .await?;
    let arguments = ["--http-concurrency", "1"];
    let first = fleet.worker_as("first", &arguments, &[])?;
    fleet.until_logged("first", "working").await?;
    let second = fleet.worker_as("second", &arguments, &[])?;
    fleet.until_logged("second", "share of the fleet").await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    fleet.until("the run is done", ALL_DONE).await?;
    assert!(!fleet.log_of("second")?.contains("working"));
    assert_eq!(fleet.erp.counters().peak_in_flight, 1);
    let alone: bool = sqlx::query_scalar(ONE_JOB_AT_A_TIME)
        .fetch_one(&fleet.pool)
        .await?;
    assert!(alone, "jobs shared the one call");

    // What the first leaves is the second's.
    fleet.retire(first).await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    fleet.until("the next run is done", ALL_DONE).await?;
    assert_eq!(fleet.erp.counters().peak_in_flight, 1);
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    fleet.retire(second).await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn the_one_worker_that_has_work_gets_the_calls_of_the_other() -> anyhow::Result<()> {
    let fleet = Fleet::new(Config {
        latency: Latency {
            base_seconds: 0.3,
            ..Latency::NONE
        },
        ..Config::seeded(Seeded {
            empreendimentos: 1,
            contratos: 1_000,
            parcelas_per_contrato: 2,
            faturas: 0,
            share_of_largest: 1.0,
            ..Seeded::default()
        })
    })
    .await?;
    let arguments = ["--http-concurrency", "16"];
    let first = fleet.worker_as("first", &arguments, &[])?;
    let second = fleet.worker_as("second", &arguments, &[])?;
    for name in ["first", "second"] {
        fleet.until_logged(name, "working").await?;
    }
    fleet
        .until(
            "the calls are shared",
            "SELECT MIN(held_calls) = 8 FROM sync_workers",
        )
        .await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let with_the_other_s = fleet
        .erp
        .wait_until(|counters| counters.peak_in_flight >= 13);
    tokio::time::timeout(LONGEST_WAIT, with_the_other_s).await?;
    // The rest of the run need not take as long.
    fleet.erp.set_latency(Latency::NONE);
    fleet.until("the run is done", ALL_DONE).await?;
    let most = fleet.erp.counters().peak_in_flight;
    assert!(most <= 16, "{most} calls at once");
    fleet.retire(first).await?;
    fleet.retire(second).await?;
    fleet.remove().await
}
