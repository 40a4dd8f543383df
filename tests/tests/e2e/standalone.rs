//! The same work in one process, over SQLite and the in-process queue.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, ensure};
use simulator::{Config, Fault, FaultKind, Route, Selector, Simulator};
use sqlx::SqlitePool;
use tests::{GOLDEN, Tables, binary, difference, expected};
use tokio::process::Command;

use crate::GOLDEN_BACKFILL;

/// The golden backfill; `mega-sync` always waits.
pub const BACKFILL: &[&str] = GOLDEN_BACKFILL.split_at(7).0;

/// A folder with `mega-sync`'s default database, and the ERP it asks.
pub struct Standalone {
    pub erp: Simulator,
    folder: tempfile::TempDir,
}

impl Standalone {
    pub async fn new() -> anyhow::Result<Self> {
        let erp = Simulator::start(Config::folder(GOLDEN)).await?;
        Ok(Self {
            erp,
            folder: tempfile::tempdir()?,
        })
    }

    fn command(&self) -> anyhow::Result<Command> {
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

    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    async fn pool(&self) -> anyhow::Result<SqlitePool> {
        open(&self.folder.path().join("mega-sync.sqlite")).await
    }

    async fn tables(&self) -> anyhow::Result<Tables> {
        tests::of_sqlite(&self.pool().await?).await
    }
}

async fn open(file: &Path) -> anyhow::Result<SqlitePool> {
    Ok(SqlitePool::connect(&format!("sqlite://{}", file.display())).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_makes_the_golden_tables() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    standalone.exits(0, BACKFILL).await?;
    assert_eq!(
        difference(&expected(), &standalone.tables().await?),
        [""; 0]
    );

    let first = standalone.tables().await?;
    standalone.exits(0, BACKFILL).await?;
    assert_eq!(difference(&first, &standalone.tables().await?), [""; 0]);
    assert_eq!(standalone.erp.counters().sign_ins_ok, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn dashboards_statements_work_as_they_stand() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    standalone.exits(0, BACKFILL).await?;
    let pool = standalone.pool().await?;
    for (statement, rows) in [
        ("SELECT COUNT(*) FROM saidas_caixa;", 165),
        ("SELECT COUNT(*) FROM estatisticas_portfolio;", 77),
        ("SELECT COUNT(*) FROM delinquency;", 77),
        ("SELECT COUNT(*) FROM inadimplencia;", 77),
    ] {
        let found: i64 = sqlx::query_scalar(statement).fetch_one(&pool).await?;
        assert_eq!(found, rows, "{statement}");
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_failed_is_told_and_done_after_a_requeue() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    let broken = Selector::route(Route::DadosParcelas).contrato(11042);
    let status = FaultKind::Status {
        code: 500,
        retry_after_seconds: None,
    };
    standalone.erp.fault(Fault::always(broken, status));
    standalone.exits(3, BACKFILL).await?;
    let failed = standalone.exits(3, &["failed"]).await?;
    assert!(failed.contains("contrato 11042"), "{failed}");

    standalone.erp.clear_faults();
    standalone.exits(0, &["requeue"]).await?;
    assert_eq!(
        difference(&expected(), &standalone.tables().await?),
        [""; 0]
    );
    standalone.exits(0, &["status"]).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_run_is_resumed() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    standalone.erp.gate(Selector::route(Route::DadosParcelas));
    let mut first = standalone.command()?.args(BACKFILL).spawn()?;
    standalone.erp.wait_for_calls(Route::DadosParcelas, 1).await;
    first.kill().await?;

    standalone.erp.open_gates();
    standalone.exits(0, &["resume"]).await?;
    assert_eq!(
        difference(&expected(), &standalone.tables().await?),
        [""; 0]
    );
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_demo_ends_well_and_says_where_its_file_is() -> anyhow::Result<()> {
    let folder = tempfile::tempdir()?;
    let output = Command::new(binary("mega-sync")?)
        .args(["demo", "--empreendimentos", "4"])
        .env_clear()
        .current_dir(folder.path())
        .output()
        .await?;
    let (said, told) = (
        String::from_utf8(output.stdout)?,
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    ensure!(output.status.success(), "{}: {told}", output.status);
    let file = folder.path().join("mega-sync-demo.sqlite");
    assert!(
        said.contains(file.to_str().context("a plain path")?),
        "{said}"
    );
    for table in [
        "saidas_caixa",
        "estatisticas_portfolio",
        "delinquency",
        "entradas_caixa",
    ] {
        assert!(said.contains(table), "{table} is missing in:\n{said}");
    }
    let pool = open(&file).await?;
    let parcelas: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM entradas_caixa")
        .fetch_one(&pool)
        .await?;
    assert!(parcelas > 0);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn the_doctor_finds_a_file_and_makes_none() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    let new = standalone.exits(0, &["doctor"]).await?;
    assert!(new.contains("no file yet at mega-sync.sqlite"), "{new}");
    assert!(!standalone.folder.path().join("mega-sync.sqlite").exists());

    standalone.exits(0, BACKFILL).await?;
    let told = standalone.exits(0, &["doctor"]).await?;
    for found in ["SQLite 3.", "every migration applied", "session is taken"] {
        assert!(told.contains(found), "{found} is missing in:\n{told}");
    }
    assert!(told.contains("0 problems, 0 warnings"), "{told}");
    assert_eq!(standalone.erp.counters().sign_ins_ok, 1);
    Ok(())
}
