//! Workers of a fleet that are told apart: a name, variables and a log of their own.

use std::fs::{File, OpenOptions};
use std::time::Duration;

use anyhow::{Context as _, ensure};

use crate::fleet::{Fleet, PATIENCE, Process};

/// Looks in a row, a tenth of a second apart, that find the queues empty: the broker does not count
/// what a worker has in hand, which comes back within the longest of a test's delays.
const EMPTY_LOOKS: u32 = 12;

impl Fleet {
    /// Starts a worker whose log is kept under its name; `environment` overrides the fleet's.
    pub fn worker_as(
        &self,
        name: &str,
        arguments: &[&str],
        environment: &[(&str, String)],
    ) -> anyhow::Result<Process> {
        let child = self
            .command("worker")?
            .args(arguments)
            .envs(environment.iter().map(|(name, value)| (*name, value)))
            .stderr(self.log_file(name)?)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Process(child))
    }

    /// What the worker of that name has logged so far, all its lives together.
    pub fn log_of(&self, name: &str) -> anyhow::Result<String> {
        Ok(std::fs::read_to_string(self.log_path(name))?)
    }

    /// Waits until the worker of that name has logged a text.
    pub async fn until_logged(&self, name: &str, text: &str) -> anyhow::Result<()> {
        let seen = async {
            let mut ticks = tokio::time::interval(Duration::from_millis(50));
            loop {
                ticks.tick().await;
                if self.log_of(name).is_ok_and(|log| log.contains(text)) {
                    return;
                }
            }
        };
        tokio::time::timeout(PATIENCE, seen)
            .await
            .with_context(|| format!("{name} never logged {text:?}"))
    }

    /// Waits until nothing is ready or delayed, and nothing comes back.
    pub async fn until_drained(&self) -> anyhow::Result<()> {
        let broker = self.broker().await?;
        let drained = async {
            use queue::Queue as _;
            let mut ticks = tokio::time::interval(Duration::from_millis(100));
            let mut empty_looks = 0;
            while empty_looks < EMPTY_LOOKS {
                ticks.tick().await;
                let depths = broker.depths().await?;
                let empty = depths.ready + depths.delayed == 0;
                empty_looks = if empty { empty_looks + 1 } else { 0 };
            }
            anyhow::Ok(())
        };
        tokio::time::timeout(PATIENCE, drained)
            .await
            .context("messages are left")?
    }

    /// Asks a worker to stop; it must end in good order.
    pub async fn retire(&self, mut worker: Process) -> anyhow::Result<()> {
        worker.signal("TERM").await?;
        let code = worker.ended().await?;
        ensure!(code == Some(0), "a worker asked to stop ended in {code:?}");
        Ok(())
    }

    fn log_path(&self, name: &str) -> std::path::PathBuf {
        self.folder().join(format!("{name}.log"))
    }

    fn log_file(&self, name: &str) -> anyhow::Result<File> {
        let mut options = OpenOptions::new();
        Ok(options
            .create(true)
            .append(true)
            .open(self.log_path(name))?)
    }
}
