//! Runs that a person cancels while they are worked on.

use anyhow::Context as _;
use serde_json::Value;
use simulator::{Config, Route, Selector};
use tests::{Fleet, GOLDEN, Standalone, difference, expected, wait};

use crate::standalone::BACKFILL;
use crate::{ALL_DONE, GOLDEN_BACKFILL, GOLDEN_ENQUEUE};

const EVERY_EMPREENDIMENTO: &str = "1400,1403,1406,1409,1412,1415,1418,1421";
const WHY: &str = "the wrong window";

/// Cancels every empreendimento once workers are at some, and waits until those are given up.
async fn cancelled_in_the_middle(fleet: &Fleet) -> anyhow::Result<()> {
    fleet.erp.wait_until(|counters| counters.at_gate > 0).await;
    let run: String = sqlx::query_scalar("SELECT id FROM sync_runs")
        .fetch_one(&fleet.pool)
        .await?;
    let cancel = [
        "cancel",
        "--run",
        &run,
        "--empreendimento-ids",
        EVERY_EMPREENDIMENTO,
        "--why",
        WHY,
    ];
    let listed = [&cancel[..], &["--dry-run"]].concat();
    let listed = fleet.producer_exits(0, &listed).await?;
    assert!(listed.contains("  running "), "{listed}");
    let told = fleet.producer_exits(0, &cancel).await?;
    assert!(told.contains("in hand asked to stop"), "{told}");
    let again = fleet.producer_exits(0, &cancel).await?;
    assert!(again.contains("nothing was left to cancel"), "{again}");
    let ended = "SELECT COUNT(*) FROM sync_attempts WHERE outcome = 'cancelled'";
    let ended: i64 = sqlx::query_scalar(ended).fetch_one(&fleet.pool).await?;
    assert!(ended > 0, "nothing was in hand");

    // The gates are still closed: each attempt ends by itself, and asks the ERP nothing more.
    wait::until("the attempts are given up", async || {
        let logs = [fleet.log_of("first")?, fleet.log_of("second")?].concat();
        Ok(logs.matches("cancelled: given up").count() as i64 == ended)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_cancelled_commits_nothing_until_it_is_requeued_by_name() -> anyhow::Result<()> {
    let mut fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    // A held call is not given up by itself.
    fleet.set("MEGA_API_TIMEOUT", "120");
    fleet.erp.gate(Selector::route(Route::DadosParcelas));
    let one_job = ["--jobs-at-once", "1"];
    let first = fleet.worker_as("first", &one_job, &[])?;
    let second = fleet.worker_as("second", &one_job, &[])?;
    let acting = async {
        cancelled_in_the_middle(&fleet).await?;
        let calls = fleet.erp.counters().calls_of(Route::DadosParcelas);
        fleet.erp.open_gates();
        anyhow::Ok(calls)
    };
    let (backfill, calls) = tokio::join!(fleet.producer(&GOLDEN_BACKFILL), acting);
    let calls = calls?;
    // The cash out, which was not cancelled, has come through.
    assert_eq!(backfill?.status.code(), Some(8));
    let cash_out = "SELECT state FROM sync_jobs WHERE target = 'saidas-caixa'";
    let cash_out: String = sqlx::query_scalar(cash_out).fetch_one(&fleet.pool).await?;
    assert_eq!(cash_out, "done");
    fleet.until_drained().await?;
    assert_eq!(fleet.depths().await?.dead, 0);
    assert_eq!(fleet.erp.counters().calls_of(Route::DadosParcelas), calls);
    let committed: i64 = sqlx::query_scalar(
        "SELECT COUNT(*) FROM sync_jobs j JOIN sync_attempts a USING (run_id, target)
         WHERE j.state = 'cancelled' AND a.outcome = 'done'",
    )
    .fetch_one(&fleet.pool)
    .await?;
    assert_eq!(committed, 0);

    let status = fleet.producer_exits(8, &["status"]).await?;
    assert!(status.contains(WHY), "{status}");
    let status: Value =
        serde_json::from_str(&fleet.producer_exits(8, &["status", "--json"]).await?)?;
    assert_eq!(status["verdict"], "cancelled");
    assert_eq!(status["cancellations"][0]["why"], WHY);
    assert_eq!(status["cancellations"][0]["empreendimentos"][0], 1400);
    assert_eq!(status["cancellations"].as_array().map(Vec::len), Some(1));

    // Neither brings it back.
    fleet.producer_exits(0, &["failed"]).await?;
    fleet.producer_exits(0, &["resume"]).await?;
    fleet.producer_exits(0, &["requeue"]).await?;
    fleet.producer_exits(8, &["status"]).await?;

    let names = "SELECT string_agg(target, ',') FROM sync_jobs WHERE state = 'cancelled'";
    let names: String = sqlx::query_scalar(names).fetch_one(&fleet.pool).await?;
    let by_name = ["requeue", "--empreendimento-ids", &names];
    fleet.producer_exits(0, &by_name).await?;
    fleet.until("the run is done", ALL_DONE).await?;
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    fleet.producer_exits(0, &["status"]).await?;
    fleet.until_drained().await?;
    fleet.retire(first).await?;
    fleet.retire(second).await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn an_empreendimento_that_is_not_in_the_run_is_not_cancelled() -> anyhow::Result<()> {
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    let run = fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let cancel = ["cancel", "--run", run.trim(), "--why", WHY];
    let unknown = [&cancel[..], &["--empreendimento-ids", "1400,7"]].concat();
    let refused = fleet.producer(&unknown).await?;
    assert_eq!(refused.status.code(), Some(2));
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(told.contains("--empreendimento-ids"), "{told}");
    let open: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sync_jobs WHERE state = 'queued'")
        .fetch_one(&fleet.pool)
        .await?;
    assert_eq!(open, 9);
    // All of it, the cash out included: late messages are acknowledged.
    let told = fleet.producer_exits(0, &cancel).await?;
    assert!(told.contains("9 jobs cancelled at once"), "{told}");
    let worker = fleet.worker(&[])?;
    fleet.until_drained().await?;
    assert_eq!(fleet.depths().await?.dead, 0);
    let attempts: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sync_attempts")
        .fetch_one(&fleet.pool)
        .await?;
    assert_eq!(attempts, 0);
    fleet.retire(worker).await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_of_one_process_is_cancelled_from_another() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    let held = Selector::route(Route::DadosParcelas).contrato(11001);
    standalone.erp.gate(held);
    let acting = async {
        standalone
            .erp
            .wait_until(|counters| counters.at_gate > 0)
            .await;
        let pool = standalone.pool().await?;
        wait::until("all but the one held are done", async || {
            let done = "SELECT COUNT(*) = 8 FROM sync_jobs WHERE state = 'done'";
            Ok(sqlx::query_scalar(done).fetch_one(&pool).await?)
        })
        .await?;
        let run: String = sqlx::query_scalar("SELECT id FROM sync_runs")
            .fetch_one(&pool)
            .await?;
        let cancel = ["cancel", "--run", &run, "--why", WHY];
        let told = standalone.exits(0, &cancel).await?;
        assert!(
            told.contains("1 in hand asked to stop, 8 had ended"),
            "{told}"
        );
        anyhow::Ok(run)
    };
    let (backfill, run) = tokio::join!(standalone.exits(8, BACKFILL), acting);
    let run = run.context("the cancel")?;
    backfill?;
    standalone.erp.open_gates();
    let by_name = ["requeue", "--run", &run, "--empreendimento-ids", "1400"];
    standalone.exits(0, &by_name).await?;
    let tables = standalone.tables().await?;
    assert_eq!(difference(&expected(), &tables), [""; 0]);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_is_cancelled_before_it_is_planned_never_is() -> anyhow::Result<()> {
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    let add = [
        "schedule",
        "add",
        "yearly",
        "--cron",
        "0 0 29 2 *",
        "--",
        "--last-months",
        "1",
    ];
    fleet.producer_exits(0, &add).await?;
    let run_now = ["schedule", "run-now", "yearly"];
    let run = fleet.producer_exits(0, &run_now).await?;
    let cancel = ["cancel", "--run", run.trim(), "--why", WHY];
    let some = [&cancel[..], &["--empreendimento-ids", "1400"]].concat();
    fleet.producer_exits(2, &some).await?;
    let look = [&cancel[..], &["--dry-run"]].concat();
    for _ in 0..2 {
        let listed = fleet.producer_exits(0, &look).await?;
        assert_eq!(listed, "plan          open      yearly\n");
    }
    let told = fleet.producer_exits(0, &cancel).await?;
    assert!(told.ends_with(": its plan is cancelled\n"), "{told}");
    let again = fleet.producer_exits(0, &cancel).await?;
    assert!(again.contains("nothing was left to cancel"), "{again}");
    let status = ["status", "--run", run.trim()];
    let status = fleet.producer_exits(6, &status).await?;
    let verdict = "its plan was refused: cancelled by ";
    assert!(status.contains(verdict) && status.contains(WHY), "{status}");

    // A scheduler plans the next one, and leaves this one.
    let scheduler = fleet.start("producer", &["schedule", "run"])?;
    fleet.producer_exits(0, &run_now).await?;
    let planned = "SELECT COUNT(DISTINCT run_id) = 1 FROM sync_jobs";
    fleet.until("the next run is planned", planned).await?;
    fleet
        .producer_exits(6, &["status", "--run", run.trim()])
        .await?;
    fleet.retire(scheduler).await?;
    fleet.remove().await
}
