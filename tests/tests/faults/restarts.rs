//! The services themselves restarted in the middle of a run.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, ensure};
use simulator::{Config, Latency};
use tests::{Fleet, GOLDEN, chaos};
use tokio::process::Command;
use tokio::time::Instant;

use crate::{DONE, GOLDEN_ENQUEUE, assert_nothing_lost_or_doubled};

/// Says why not, where the restarts are not asked for.
fn asked_for() -> bool {
    let asked = std::env::var("MEGA_SYNC_TEST_RESTARTS").is_ok_and(|value| value == "1");
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
    let arguments = ["--http-concurrency", "1", "--jobs-at-once", "2"];
    let worker = |index: u32| fleet.worker_as(&format!("worker-{index}"), &arguments, &[]);
    let workers = [worker(0)?, worker(1)?, worker(2)?];
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let begun = "SELECT COUNT(*) > 2 FROM sync_attempts";
    fleet.until("work has begun", begun).await?;

    rabbitmqctl("stop_app").await?;
    rabbitmqctl("start_app").await?;
    let broker = recovered(&fleet).await?;
    restart_postgres().await?;
    let database = recovered(&fleet).await?;

    fleet.erp.set_latency(Latency::NONE);
    fleet.until("the run is done", DONE).await?;
    fleet.until_drained().await?;
    for worker in workers {
        fleet.retire(worker).await?;
    }
    assert_nothing_lost_or_doubled(&fleet, 0).await?;
    chaos::note(&serde_json::json!({
        "restarts": {"broker_ms": broker.as_millis() as u64, "database_ms": database.as_millis() as u64}
    }))?;
    fleet.remove().await
}

/// How long until an attempt begins or ends after now.
async fn recovered(fleet: &Fleet) -> anyhow::Result<Duration> {
    let since = Instant::now();
    fleet.until("the database answers", "SELECT true").await?;
    sqlx::query("CREATE TABLE IF NOT EXISTS test_since (at timestamptz)")
        .execute(&fleet.pool)
        .await?;
    sqlx::query("INSERT INTO test_since VALUES (clock_timestamp())")
        .execute(&fleet.pool)
        .await?;
    let again = "SELECT EXISTS (SELECT FROM sync_attempts, (SELECT max(at) AS at FROM test_since) s
                 WHERE started_at > s.at OR finished_at > s.at)";
    fleet.until("work goes on", again).await?;
    Ok(since.elapsed())
}

async fn rabbitmqctl(command: &str) -> anyhow::Result<()> {
    // Inherits RABBITMQ_NODENAME, for a node of another name than the default.
    run_as_root(&["rabbitmqctl", "--quiet", command]).await
}

/// Restarts the cluster on the port of `DATABASE_URL`.
async fn restart_postgres() -> anyhow::Result<()> {
    let url: reqwest::Url = std::env::var("DATABASE_URL")?.parse()?;
    let port = url.port().unwrap_or(5432).to_string();
    let listed = Command::new("pg_lsclusters").arg("-h").output().await?;
    let listed = String::from_utf8(listed.stdout)?;
    let mut clusters = listed
        .lines()
        .map(|line| line.split_whitespace().collect::<Vec<_>>());
    let cluster = clusters
        .find(|cluster| cluster.get(2) == Some(&port.as_str()))
        .with_context(|| format!("no cluster on port {port}"))?;
    let (version, name) = (cluster[0], cluster[1]);
    run_as_root(&["pg_ctlcluster", "-m", "fast", version, name, "restart"]).await
}

async fn run_as_root(command: &[&str]) -> anyhow::Result<()> {
    let id = Command::new("id").arg("-u").output().await?;
    let mut words = command.to_vec();
    if id.stdout != b"0\n" {
        words.insert(0, "sudo");
    }
    let status = Command::new(words[0])
        .args(&words[1..])
        .stdin(Stdio::null())
        .status()
        .await?;
    ensure!(status.success(), "{words:?}: {status}");
    Ok(())
}
