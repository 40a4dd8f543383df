//! `mega-sync` for one test: a folder with its default database, and a simulated ERP of its own.

use std::path::PathBuf;
use std::process::Stdio;

use anyhow::ensure;
use simulator::{Config, Simulator};
use sqlx::SqlitePool;
use tokio::process::Command;

use crate::{GOLDEN, Tables, binary, of_sqlite};

/// A folder with `mega-sync`'s default database, and the ERP it asks.
pub struct Standalone {
    /// The ERP.
    pub erp: Simulator,
    /// The folder in which it runs.
    pub folder: tempfile::TempDir,
}

impl Standalone {
    /// One over the golden ERP, with nothing in its folder yet.
    pub async fn new() -> anyhow::Result<Self> {
        let erp = Simulator::start(Config::folder(GOLDEN)).await?;
        Ok(Self {
            erp,
            folder: tempfile::tempdir()?,
        })
    }

    /// `mega-sync` with this ERP's settings.
    pub fn command(&self) -> anyhow::Result<Command> {
        let credentials = simulator::Credentials::default();
        let mut command = Command::new(binary("mega-sync")?);
        command
            .env_clear()
            .env("MEGA_API_URL", self.erp.url())
            .env("MEGA_API_TENANT_ID", credentials.tenant_id)
            .env("MEGA_API_USERNAME", credentials.username)
            .env("MEGA_API_PASSWORD", credentials.password)
            .env("MEGA_API_TRIES", "2")
            .env("MEGA_SYNC_RETRY_DELAYS", "100ms,200ms")
            .current_dir(self.folder.path())
            .kill_on_drop(true)
            .stdin(Stdio::null());
        Ok(command)
    }

    /// Runs `mega-sync`, which must end in `code`; returns what it printed.
    pub async fn exits(&self, code: i32, arguments: &[&str]) -> anyhow::Result<String> {
        let output = self.command()?.args(arguments).output().await?;
        let told = String::from_utf8_lossy(&output.stderr);
        ensure!(
            output.status.code() == Some(code),
            "{arguments:?}: {}: {told}",
            output.status
        );
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Where its database is.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("mega-sync.sqlite")
    }

    /// Its database.
    pub async fn pool(&self) -> anyhow::Result<SqlitePool> {
        Ok(SqlitePool::connect(&format!("sqlite://{}", self.file().display())).await?)
    }

    /// The published tables as they are now.
    pub async fn tables(&self) -> anyhow::Result<Tables> {
        of_sqlite(&self.pool().await?).await
    }
}
