//! The services themselves restarted in the middle of a run.

use simulator::{Config, Latency};
use tests::{Fleet, GOLDEN, services};

use crate::{ALL_DONE, GOLDEN_ENQUEUE, assert_nothing_lost_or_doubled};

/// Says why not, where the restarts are not asked for.
fn asked_for() -> bool {
    let asked = services::may_be_restarted();
    if !asked {
        eprintln!(
            "skipped: it restarts this machine's PostgreSQL and RabbitMQ, which disturbs whatever \
             else uses them; scripts/fault-suite runs it (MEGA_SYNC_TEST_RESTARTS=1)"
        );
    }
    asked
}

#[tokio::test(flavor = "multi_thread")]
async fn both_services_are_restarted_while_jobs_are_in_hand() -> anyhow::Result<()> {
    if !asked_for() {
        return Ok(());
    }
    let latency = Latency {
        base_seconds: 0.5,
        ..Latency::NONE
    };
    let fleet = Fleet::new(Config {
        latency,
        ..Config::folder(GOLDEN)
    })
    .await?;
    let arguments = ["--http-concurrency", "3", "--jobs-at-once", "2"];
    let worker = |index: u32| fleet.worker_as(&format!("worker-{index}"), &arguments, &[]);
    let workers = [worker(0)?, worker(1)?, worker(2)?];
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let begun = "SELECT COUNT(*) > 2 FROM sync_attempts";
    fleet.until("work has begun", begun).await?;

    services::restart_broker().await?;
    services::restart_database().await?;

    fleet.erp.set_latency(Latency::NONE);
    fleet.until("the run is done", ALL_DONE).await?;
    fleet.until_drained().await?;
    for worker in workers {
        fleet.retire(worker).await?;
    }
    assert_nothing_lost_or_doubled(&fleet, 0).await?;
    fleet.remove().await
}
