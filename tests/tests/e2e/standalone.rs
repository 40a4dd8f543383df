//! The same work in one process, over SQLite and the in-process queue.

use std::time::{Duration, Instant};

use anyhow::{Context as _, ensure};
use simulator::{Fault, FaultKind, Route, Selector};
use sqlx::SqlitePool;
use tests::{Standalone, binary, difference, expected};
use tokio::process::Command;

use crate::GOLDEN_BACKFILL;

/// The golden backfill; `mega-sync` always waits.
pub const BACKFILL: &[&str] = GOLDEN_BACKFILL.split_at(7).0;

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

/// No sync takes less than a floor, so the fastest of ten tells whether there is one.
#[tokio::test(flavor = "multi_thread")]
async fn one_small_empreendimento_takes_no_second() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    let one = [BACKFILL, &["--empreendimento-ids", "1403"]].concat();
    standalone.exits(0, &one).await?;
    let mut fastest = Duration::MAX;
    for _ in 0..10 {
        let began = Instant::now();
        standalone.exits(0, &one).await?;
        fastest = fastest.min(began.elapsed());
    }
    assert!(fastest < Duration::from_millis(500), "{fastest:?}");
    Ok(())
}

/// Whether no two attempts of one worker ran at the same time.
pub const ONE_JOB_AT_A_TIME: &str = "
SELECT NOT EXISTS (
    SELECT 1 FROM sync_attempts a JOIN sync_attempts b ON a.worker = b.worker
    WHERE a.target < b.target AND a.started_at < b.finished_at AND b.started_at < a.finished_at)";

#[tokio::test(flavor = "multi_thread")]
async fn with_one_call_at_a_time_one_job_after_the_other_is_done() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    let backfill = [BACKFILL, &["--http-concurrency", "1"]].concat();
    standalone.exits(0, &backfill).await?;
    assert_eq!(
        difference(&expected(), &standalone.tables().await?),
        [""; 0]
    );
    assert_eq!(standalone.erp.counters().peak_in_flight, 1);
    let pool = standalone.pool().await?;
    let attempts: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sync_attempts")
        .fetch_one(&pool)
        .await?;
    assert_eq!(attempts, 9);
    let alone: bool = sqlx::query_scalar(ONE_JOB_AT_A_TIME)
        .fetch_one(&pool)
        .await?;
    assert!(alone, "jobs shared the one call");
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
    let pool = SqlitePool::connect(&format!("sqlite://{}", file.display())).await?;
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
    assert!(!standalone.file().exists());

    standalone.exits(0, BACKFILL).await?;
    let told = standalone.exits(0, &["doctor"]).await?;
    for found in [
        "SQLite 3.",
        "every migration applied",
        "session is accepted",
    ] {
        assert!(told.contains(found), "{found} is missing in:\n{told}");
    }
    assert!(told.contains("0 problems, 0 warnings"), "{told}");
    assert_eq!(standalone.erp.counters().sign_ins_ok, 1);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_that_the_erp_asks_for_is_waited_out_whole() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    let one = Selector::route(Route::DadosParcelas).contrato(11042);
    let throttled = FaultKind::Status {
        code: 429,
        retry_after_seconds: Some(3),
    };
    standalone.erp.fault(Fault::next(1, one, throttled));
    let output = standalone
        .command()?
        .env("MEGA_API_TRIES", "1")
        .args(BACKFILL)
        .output();
    ensure!(output.await?.status.success());
    let waited: f64 = sqlx::query_scalar(
        "SELECT (julianday(second.started_at) - julianday(first.finished_at)) * 86400.0
         FROM sync_jobs JOIN sync_attempts second USING (target, generation)
              JOIN sync_attempts first USING (target)
         WHERE target = '1415' AND first.outcome = 'retry'",
    )
    .fetch_one(&standalone.pool().await?)
    .await?;
    assert!(waited >= 2.9, "tried again after {waited} s");
    Ok(())
}

/// Needs `mega-sync` built with failpoints.
#[tokio::test(flavor = "multi_thread")]
async fn a_job_that_ends_the_process_fails_alone() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    standalone.erp.gate(Selector::route(Route::DadosContrato));
    let mut first = standalone.command()?.args(BACKFILL).spawn()?;
    standalone.erp.wait_for_calls(Route::DadosContrato, 7).await;
    first.kill().await?;
    standalone.erp.open_gates();

    let mut second = standalone.command()?;
    let second = second.env("MEGA_SYNC_FAILPOINT", "claimed-1415:kill");
    let killed = second.arg("resume").output().await?;
    ensure!(killed.status.code().is_none(), "ended by itself");
    let pool = standalone.pool().await?;
    sqlx::query("UPDATE sync_workers SET heartbeat_at = '2020-01-01T00:00:00+00:00'")
        .execute(&pool)
        .await?;

    standalone.exits(3, &["resume"]).await?;
    let stopped: Vec<(String, String)> =
        sqlx::query_as("SELECT target, fingerprint FROM sync_jobs WHERE state <> 'done'")
            .fetch_all(&pool)
            .await?;
    let guilty = ("1415".to_owned(), "bug/worker-crashes".to_owned());
    assert_eq!(stopped, [guilty]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn what_needs_the_old_tables_says_that_a_file_has_none() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    for command in [
        &["compare"][..],
        &["history", "import"],
        &["views", "install", "--for", "starke", "--into", "compat"],
        &["views", "refresh", "--into", "compat"],
        &["views", "drop", "--into", "compat"],
    ] {
        let output = standalone.command()?.args(command).output().await?;
        let told = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(2), "{command:?}: {told}");
        assert!(told.contains("a SQLite file has no"), "{command:?}: {told}");
    }
    Ok(())
}
