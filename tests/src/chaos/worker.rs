//! A worker of a chaos run, behind proxies to all three services.

use anyhow::Context as _;

use super::plan::Link;
use crate::{Fleet, Process, Proxy};

/// A named worker: the process that runs as it now, and its links.
pub(super) struct ChaosWorker {
    pub(super) process: Process,
    name: String,
    jobs_at_once: String,
    broker: Proxy,
    database: Proxy,
    erp: Proxy,
}

impl ChaosWorker {
    pub(super) async fn start(fleet: &Fleet, name: String, jobs: u8) -> anyhow::Result<Self> {
        let variable = |name: &str| fleet.variable(name).context("a fleet has it");
        let broker = Proxy::to(&variable("AMQP_URL")?, 5672).await?;
        let database = Proxy::to(&variable("DATABASE_URL")?, 5432).await?;
        let erp = Proxy::to(&variable("MEGA_API_URL")?, 80).await?;
        let jobs_at_once = jobs.to_string();
        Ok(Self {
            process: spawn(fleet, &name, &jobs_at_once, [&broker, &database, &erp])?,
            name,
            jobs_at_once,
            broker,
            database,
            erp,
        })
    }

    /// Starts another process under the same name.
    pub(super) fn restart(&mut self, fleet: &Fleet) -> anyhow::Result<()> {
        let links = [&self.broker, &self.database, &self.erp];
        self.process = spawn(fleet, &self.name, &self.jobs_at_once, links)?;
        Ok(())
    }

    /// Restarts one that has ended by itself: a worker that meets no service at its start gives up.
    pub(super) fn restart_if_ended(&mut self, fleet: &Fleet) -> anyhow::Result<()> {
        if self.process.has_ended() {
            self.restart(fleet)?;
        }
        Ok(())
    }

    pub(super) fn link(&self, link: Link) -> &Proxy {
        match link {
            Link::Broker => &self.broker,
            Link::Database => &self.database,
            Link::Erp => &self.erp,
        }
    }
}

fn spawn(fleet: &Fleet, name: &str, jobs: &str, links: [&Proxy; 3]) -> anyhow::Result<Process> {
    let arguments = [
        "--jobs-at-once",
        jobs,
        "--http-concurrency",
        // Of the fleet. Killed workers count as alive for a while, and each needs its part.
        "64",
        "--drain-timeout",
        "10",
    ];
    let [broker, database, erp] = links.map(Proxy::url);
    let environment = [
        ("AMQP_URL", broker),
        ("DATABASE_URL", database),
        ("MEGA_API_URL", erp),
    ];
    fleet.worker_as(name, &arguments, &environment)
}
