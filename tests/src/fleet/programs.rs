//! The workspace's programs, run with a fleet's settings.

use std::process::{Output, Stdio};

use anyhow::{Context as _, ensure};
use tokio::process::Command;

use super::Fleet;
use crate::process::{Process, binary};
use crate::wait::LONGEST_WAIT;

impl Fleet {
    /// Runs the producer to its end.
    pub async fn producer(&self, arguments: &[&str]) -> anyhow::Result<Output> {
        self.run("producer", arguments).await
    }

    /// Starts one of the workspace's programs.
    pub fn start(&self, program: &str, arguments: &[&str]) -> anyhow::Result<Process> {
        let child = self
            .command(program)?
            .args(arguments)
            .kill_on_drop(true)
            .spawn()?;
        Ok(Process(child))
    }

    /// Runs one of the workspace's programs to its end.
    pub async fn run(&self, program: &str, arguments: &[&str]) -> anyhow::Result<Output> {
        let output = self
            .command(program)?
            .args(arguments)
            .kill_on_drop(true)
            .output();
        let output = tokio::time::timeout(LONGEST_WAIT, output)
            .await
            .with_context(|| format!("{program} {arguments:?} does not end"))??;
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        Ok(output)
    }

    /// Runs the producer, which must end in `code`; returns what it printed.
    pub async fn producer_exits(&self, code: i32, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.producer(arguments).await?;
        let text = String::from_utf8(output.stdout)?;
        ensure!(
            output.status.code() == Some(code),
            "producer {arguments:?} ended in {} instead of {code}: {text}{}",
            output.status,
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(text)
    }

    pub(crate) fn command(&self, program: &str) -> anyhow::Result<Command> {
        let mut command = Command::new(binary(program)?);
        command
            .env_clear()
            .envs(std::env::vars().filter(|(name, _)| name == "PATH" || name == "RUST_LOG"))
            .envs(self.environment.iter().map(|(name, value)| (*name, value)))
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        Ok(command)
    }
}
