//! A fleet against a simulator that is a process of its own, so that only the worker's own work is
//! counted as the worker's.

use std::process::Stdio;
use std::time::Duration;

use anyhow::{Context as _, bail, ensure};
use serde::Deserialize;
use serde_json::Value;
use simulator::{Config, Counters, Seeded};
use tests::{Fleet, Process, binary, cpu_seconds};
use tokio::io::{AsyncBufReadExt as _, BufReader};
use tokio::process::{Child, Command};
use tokio::time::Instant;

use crate::usage::{Memory, peak_mb};

/// The window of every run, and its today, which the simulated data is made for.
pub const WINDOW: [&str; 3] = ["2026-01-01", "2026-11-22", "2026-11-23"];
/// Longest that a run may take.
const LONGEST_WAIT: Duration = Duration::from_secs(900);
/// How often the ledger is asked whether a run has ended.
const LOOK_EVERY: Duration = Duration::from_millis(20);

/// A database, queues, and an ERP in a process of its own.
pub struct Scenario {
    /// What the processes run against.
    pub fleet: Fleet,
    erp: Child,
    url: String,
    http: reqwest::Client,
}

/// What a worker has used from its start to the end of its run.
pub struct Used {
    /// From the worker's start to the last commit.
    pub seconds: f64,
    /// When the last commit was seen.
    pub done: Instant,
    /// User and system.
    pub cpu_seconds: f64,
    /// The most resident memory.
    pub peak_mb: f64,
    /// The most in the second quarter of the time, and in the last.
    pub resident_mb: (f64, f64),
}

async fn has_ended(process: &mut Process) {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    while !process.has_ended() {
        ticks.tick().await;
    }
}

/// What the Python baseline says that it has used.
#[derive(Debug, Deserialize)]
pub struct PythonUsed {
    pub parcelas: u64,
    pub seconds: f64,
    pub cpu_seconds: f64,
    pub peak_kib: f64,
}

impl Scenario {
    /// A scenario whose simulator is started with these arguments.
    pub async fn new(simulator: &[&str]) -> anyhow::Result<Self> {
        let mut erp = Command::new(binary("simulator")?)
            .args(["--listen", "127.0.0.1:0", "--today", WINDOW[2]])
            .args(simulator)
            .env("RUST_LOG", "warn")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .kill_on_drop(true)
            .spawn()?;
        let stdout = erp.stdout.take().context("it has a stdout")?;
        let first = BufReader::new(stdout).lines().next_line().await?;
        let url = first.context("the simulator did not start")?;
        // The one inside the fleet is not asked.
        let mut fleet = Fleet::new(Config::seeded(Seeded::default())).await?;
        fleet.set("MEGA_API_URL", &url);
        // The product's own defaults, instead of the tests' impatient ones.
        fleet.set("MEGA_API_TIMEOUT", "60");
        fleet.set("MEGA_API_TRIES", "4");
        // In seconds, as the queues are named that are removed with the fleet.
        fleet.set("MEGA_SYNC_RETRY_DELAYS", "10s,60s,300s,1800s");
        Ok(Self {
            fleet,
            erp,
            url,
            http: reqwest::Client::new(),
        })
    }

    /// Enqueues a run over everything.
    pub async fn enqueue(&self) -> anyhow::Result<()> {
        self.enqueue_from(WINDOW[0]).await
    }

    /// Enqueues a run over everything, with another first day.
    pub async fn enqueue_from(&self, start: &str) -> anyhow::Result<()> {
        let [_, end, as_of] = WINDOW;
        let arguments = [
            "backfill",
            "--start-date",
            start,
            "--end-date",
            end,
            "--as-of",
            as_of,
            "--force",
        ];
        self.fleet.producer_exits(0, &arguments).await?;
        Ok(())
    }

    /// A worker does the enqueued run.
    pub async fn work(&self, arguments: &[&str]) -> anyhow::Result<Used> {
        let started = Instant::now();
        let mut worker = self.fleet.worker_as("worker", arguments, &[])?;
        let pid = worker.id().context("it has ended already")?;
        let memory = Memory::of(pid);
        tokio::select! {
            done = self.until_done() => done?,
            () = has_ended(&mut worker) => bail!("the worker ended:\n{}", self.fleet.log_of("worker")?),
        }
        let used = Used {
            seconds: started.elapsed().as_secs_f64(),
            done: Instant::now(),
            cpu_seconds: cpu_seconds(pid)?,
            peak_mb: peak_mb(pid)?,
            resident_mb: memory.stop(),
        };
        self.fleet.retire(worker).await?;
        Ok(used)
    }

    /// Starts a worker with a log of its own.
    pub fn worker(&self, name: &str, arguments: &[&str]) -> anyhow::Result<Process> {
        self.fleet.worker_as(name, arguments, &[])
    }

    /// Waits until every job is done.
    pub async fn until_done(&self) -> anyhow::Result<()> {
        let done = async {
            loop {
                let began = Instant::now();
                let (failed, open): (i64, i64) = sqlx::query_as(
                    "SELECT COUNT(*) FILTER (WHERE state = 'failed'),
                            COUNT(*) FILTER (WHERE state <> 'done') FROM sync_jobs",
                )
                .fetch_one(&self.fleet.pool)
                .await?;
                ensure!(failed == 0, "{failed} jobs failed");
                if open == 0 {
                    return Ok(());
                }
                // Ten thousand jobs take the database a while to count, and it has other things to do.
                tokio::time::sleep(LOOK_EVERY.max(began.elapsed() * 50)).await;
            }
        };
        tokio::time::timeout(LONGEST_WAIT, done)
            .await
            .context("the run does not end")?
    }

    /// Parcelas, or faturas, that the run read.
    pub async fn records_read(&self) -> anyhow::Result<f64> {
        let query = "SELECT SUM((manifest->>'records_read')::bigint)::float8 FROM sync_jobs";
        Ok(sqlx::query_scalar(query)
            .fetch_one(&self.fleet.pool)
            .await?)
    }

    /// Seconds from the first claim to the last commit, by the ledger's own clock.
    pub async fn claim_to_commit_seconds(&self) -> anyhow::Result<f64> {
        let query = "SELECT EXTRACT(EPOCH FROM MAX(finished_at) - MIN(started_at))::float8
                     FROM sync_attempts";
        Ok(sqlx::query_scalar(query)
            .fetch_one(&self.fleet.pool)
            .await?)
    }

    /// The Python baseline does the same, into tables that are there and empty.
    pub async fn python(&self, python: &std::path::Path) -> anyhow::Result<PythonUsed> {
        self.fleet.producer_exits(0, &["migrate"]).await?;
        let program = concat!(env!("CARGO_MANIFEST_DIR"), "/../benches/python/backfill.py");
        let mut command = Command::new(python);
        for name in [
            "DATABASE_URL",
            "MEGA_API_URL",
            "MEGA_API_TENANT_ID",
            "MEGA_API_USERNAME",
            "MEGA_API_PASSWORD",
        ] {
            command.env(
                name,
                self.fleet.variable(name).context("the fleet sets it")?,
            );
        }
        let output = command
            .arg(program)
            .args(WINDOW)
            .stderr(Stdio::inherit())
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(LONGEST_WAIT, output).await??;
        ensure!(
            output.status.success(),
            "the baseline ended in {}",
            output.status
        );
        Ok(serde_json::from_slice(&output.stdout)?)
    }

    /// What has been asked of the ERP so far.
    pub async fn counters(&self) -> anyhow::Result<Counters> {
        let answer = self.http.get(format!("{}/control/counters", self.url));
        Ok(answer.send().await?.error_for_status()?.json().await?)
    }

    /// Tells the simulator something.
    pub async fn control(&self, path: &str, body: &Value) -> anyhow::Result<()> {
        let url = format!("{}/control/{path}", self.url);
        let answer = self.http.post(url).json(body).send().await?;
        answer.error_for_status()?;
        Ok(())
    }

    /// Takes all faults back.
    pub async fn clear_faults(&self) -> anyhow::Result<()> {
        let url = format!("{}/control/faults", self.url);
        self.http.delete(url).send().await?.error_for_status()?;
        Ok(())
    }

    /// Removes the database, the queues and the simulator.
    pub async fn remove(mut self) -> anyhow::Result<()> {
        self.erp.kill().await?;
        self.fleet.remove().await
    }
}
