//! What is old leaves the ledger and the dead queue; the tables and what explains them stay.

use domain::job::{JobMessage, RunId, RunParams};
use queue::{Destination, Envelope, Queue as _};
use serde_json::{Value, json};
use tests::{Fleet, GOLDEN, GOLDEN_BACKFILL, Standalone, difference, expected, wait};

/// Makes all that has happened so far 500 days older, but for what the history of the figures knows.
const AGE: &str = "
UPDATE sync_runs SET created_at = created_at - interval '500 days';
UPDATE sync_jobs SET finished_at = finished_at - interval '500 days';
UPDATE sync_attempts SET finished_at = finished_at - interval '500 days';
UPDATE sync_coverage SET run_created_at = run_created_at - interval '500 days';
UPDATE sync_targets SET commit_created_at = commit_created_at - interval '500 days'";

async fn pruned(fleet: &Fleet, arguments: &[&str]) -> anyhow::Result<Value> {
    let arguments = [&["prune", "--json"], arguments].concat();
    Ok(serde_json::from_str(
        &fleet.producer_exits(0, &arguments).await?,
    )?)
}

async fn runs(fleet: &Fleet) -> anyhow::Result<Vec<String>> {
    let runs = sqlx::query_scalar("SELECT id FROM sync_runs ORDER BY created_at");
    Ok(runs.fetch_all(&fleet.pool).await?)
}

/// Puts copies into the dead queue: of a job of a run, and of what is no job.
async fn bury(fleet: &Fleet, run: &str) -> anyhow::Result<()> {
    let run: RunId = run.parse()?;
    let params = RunParams {
        start_date: "2026-01-01".parse()?,
        end_date: "2026-11-22".parse()?,
        as_of: "2026-11-23".parse()?,
    };
    let job = JobMessage::new(run, "1400".parse()?, params);
    let broker = fleet.broker().await?;
    for body in [job.encode(), b"{not json".to_vec()] {
        let message = Envelope {
            body,
            attempt: 5,
            reason: Some("tried in vain".to_owned()),
        };
        broker.publish(Destination::Dead, &message).await?;
    }
    until_dead(fleet, 2).await
}

async fn until_dead(fleet: &Fleet, messages: u64) -> anyhow::Result<()> {
    let broker = fleet.broker().await?;
    wait::until("the dead are counted", async || {
        Ok(broker.depths().await?.dead == messages)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_old_goes_and_what_explains_the_tables_stays() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let worker = fleet.worker(&[])?;
    for _ in 0..3 {
        fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    }
    let explain = ["explain", "--empreendimento-id", "1400", "--json"];
    let explained = fleet.producer_exits(0, &explain).await?;
    let explained: Value = serde_json::from_str(&explained)?;
    sqlx::raw_sql(AGE).execute(&fleet.pool).await?;
    let all = runs(&fleet).await?;
    bury(&fleet, &all[0]).await?;

    for arguments in [["--older-than", "29d"], ["--older-than", "400"]] {
        let arguments = [&["prune"], &arguments[..]].concat();
        fleet.producer_exits(2, &arguments).await?;
    }
    // Nothing is that old.
    let none = pruned(&fleet, &["--dry-run", "--older-than", "600d"]).await?;
    assert_eq!(none["removed"]["attempts"], json!(0), "{none}");
    // A filial that the payables alone name is the first run's.
    let named = pruned(&fleet, &["--dry-run"]).await?;
    assert_eq!(named["removed"]["attempts"], json!(0), "{named}");
    sqlx::query("UPDATE filiais SET run_id = $1")
        .bind(&all[2])
        .execute(&fleet.pool)
        .await?;
    // Now the history of the figures alone names it. The others are the last two commits.
    let counted = pruned(&fleet, &["--dry-run"]).await?;
    assert_eq!(counted["removed"]["attempts"], json!(9), "{counted}");
    assert_eq!(counted["removed"]["runs"], json!(0), "{counted}");
    assert_eq!(counted.get("dead_letters"), None, "{counted}");
    let attempts = sqlx::query_scalar("SELECT COUNT(*) FROM sync_attempts");
    let attempts: i64 = attempts.fetch_one(&fleet.pool).await?;
    assert_eq!(attempts, 3 * 9, "a dry run removes nothing");
    until_dead(&fleet, 2).await?;

    let removed = pruned(&fleet, &[]).await?;
    assert_eq!(removed["removed"], counted["removed"]);
    assert_eq!(removed["dead_letters"], json!(1), "a job that is done");
    until_dead(&fleet, 1).await?;
    assert_eq!(runs(&fleet).await?, all);
    let status = ["status", "--run", &all[0], "--json"];
    let status: Value = serde_json::from_str(&fleet.producer_exits(0, &status).await?)?;
    assert_eq!(status["total"], json!(9), "its jobs stay");

    // Once the history is past, nothing names it.
    sqlx::query("DELETE FROM sync_cells")
        .execute(&fleet.pool)
        .await?;
    let removed = pruned(&fleet, &[]).await?;
    assert_eq!(removed["removed"]["runs"], json!(1), "{removed}");
    assert_eq!(removed["removed"]["jobs"], json!(9), "{removed}");
    assert_eq!(removed["dead_letters"], json!(0), "what is no job stays");
    until_dead(&fleet, 1).await?;
    assert_eq!(runs(&fleet).await?, all[1..]);
    let by: Vec<String> = sqlx::query_scalar("SELECT about FROM sync_actions WHERE what = 'prune'")
        .fetch_all(&fleet.pool)
        .await?;
    assert_eq!(by.len(), 2, "{by:?}");

    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    let now = fleet.producer_exits(0, &explain).await?;
    let now: Value = serde_json::from_str(&now)?;
    for part in ["figures", "checks", "balances", "changes"] {
        assert_eq!(now[part], explained[part], "{part}");
    }
    let text = fleet.producer_exits(0, &["prune"]).await?;
    assert!(
        text.contains("0 runs") && text.contains("0 dead letters"),
        "{text}"
    );
    fleet.retire(worker).await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_prunes_without_a_broker() -> anyhow::Result<()> {
    let site = Standalone::new().await?;
    // Of no file yet, and makes none.
    let text = site.exits(0, &["prune", "--dry-run"]).await?;
    assert!(text.contains("0 runs"), "{text}");
    assert!(!site.file().exists());
    let text = site.exits(0, &["prune"]).await?;
    assert!(
        text.contains("0 runs") && !text.contains("dead letters"),
        "{text}"
    );
    Ok(())
}
