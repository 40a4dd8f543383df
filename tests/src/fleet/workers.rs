//! Workers of a fleet, and named processes, which have variables and a log of their own.

use std::fs::{File, OpenOptions};

use anyhow::ensure;

use super::Fleet;
use crate::process::Process;
use crate::wait;

impl Fleet {
    /// Starts a worker process.
    pub fn worker(&self, arguments: &[&str]) -> anyhow::Result<Process> {
        self.start("worker", arguments)
    }

    /// Starts a worker whose log is kept under its name; `environment` overrides the fleet's.
    pub fn worker_as(
        &self,
        name: &str,
        arguments: &[&str],
        environment: &[(&str, String)],
    ) -> anyhow::Result<Process> {
        self.start_as("worker", name, arguments, environment)
    }

    /// Starts one of the workspace's programs as [`Fleet::worker_as`] does.
    pub fn start_as(
        &self,
        program: &str,
        name: &str,
        arguments: &[&str],
        environment: &[(&str, String)],
    ) -> anyhow::Result<Process> {
        let child = self
            .command(program)?
            .args(arguments)
            .envs(environment.iter().map(|(name, value)| (*name, value)))
            .stderr(self.log_file(name)?)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Process(child))
    }

    /// What the process of that name has logged so far, all its lives together.
    pub fn log_of(&self, name: &str) -> anyhow::Result<String> {
        Ok(std::fs::read_to_string(self.log_path(name))?)
    }

    /// Waits until the process of that name has logged a text.
    pub async fn until_logged(&self, name: &str, text: &str) -> anyhow::Result<()> {
        wait::until(&format!("{name} logs {text:?}"), async || {
            Ok(self.log_of(name).is_ok_and(|log| log.contains(text)))
        })
        .await
    }

    /// Asks a process to stop; it must end in good order.
    pub async fn retire(&self, mut process: Process) -> anyhow::Result<()> {
        process.signal("TERM").await?;
        let code = process.ended().await?;
        ensure!(code == Some(0), "asked to stop, it ended in {code:?}");
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
