//! Programs of the workspace as processes.

use std::path::PathBuf;

use anyhow::{Context as _, bail, ensure};
use tokio::process::{Child, Command};

use crate::wait::LONGEST_WAIT;

/// Ticks of /proc/PID/stat in a second, on every Linux there is.
const TICKS_PER_SECOND: f64 = 100.0;

/// A running worker; killed when dropped.
pub struct Process(pub(crate) Child);

impl Process {
    /// Its process id, while it has not been seen to have ended.
    pub fn id(&self) -> Option<u32> {
        self.0.id()
    }

    /// Whether it has ended.
    pub fn has_ended(&mut self) -> bool {
        !matches!(self.0.try_wait(), Ok(None))
    }

    /// Sends a signal by its name, such as `TERM`.
    pub async fn signal(&self, name: &str) -> anyhow::Result<()> {
        let pid = self.0.id().context("it has ended already")?;
        let status = Command::new("kill")
            .args(["-s", name, &pid.to_string()])
            .status()
            .await?;
        ensure!(status.success(), "kill -s {name} {pid}: {status}");
        Ok(())
    }

    /// Waits for its end and returns its exit code; `None` when a signal ended it.
    pub async fn ended(&mut self) -> anyhow::Result<Option<i32>> {
        match tokio::time::timeout(LONGEST_WAIT, self.0.wait()).await {
            Ok(status) => Ok(status?.code()),
            Err(_) => bail!("the process does not end"),
        }
    }
}

/// The path of one of the workspace's programs, beside this test's own.
pub fn binary(name: &str) -> anyhow::Result<PathBuf> {
    let test = std::env::current_exe()?;
    let folder = test
        .parent()
        .and_then(|deps| deps.parent())
        .context("no target folder")?;
    let path = folder.join(name);
    ensure!(
        path.exists(),
        "{} is not built: cargo build --workspace --bins --features worker/failpoints",
        path.display()
    );
    Ok(path)
}

/// CPU seconds of a process so far, user and system, all its threads.
pub fn cpu_seconds(pid: u32) -> anyhow::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{pid}/stat"))?;
    // The program's name, in parentheses, may hold blanks.
    let (_, fields) = stat.rsplit_once(')').context("no name")?;
    let ticks = fields
        .split_ascii_whitespace()
        .skip(11)
        .take(2)
        .map(str::parse::<f64>)
        .sum::<Result<f64, _>>()?;
    Ok(ticks / TICKS_PER_SECOND)
}
