//! What the programs answer about figures, causes and messages that are gone.

use anyhow::Context as _;
use lapin::options::QueuePurgeOptions;
use lapin::{Connection, ConnectionProperties};
use serde_json::Value;
use simulator::{Fault, FaultKind, Route, Selector};
use tests::{Fleet, GOLDEN, difference, expected};

use crate::{GOLDEN_BACKFILL, GOLDEN_ENQUEUE};

const DONE: &str = "SELECT bool_and(state = 'done') FROM sync_jobs";

/// Makes it long ago that anything was published.
async fn age(fleet: &Fleet) -> anyhow::Result<()> {
    sqlx::query("UPDATE sync_jobs SET published_at = published_at - interval '1 hour'")
        .execute(&fleet.pool)
        .await?;
    Ok(())
}

async fn purge(fleet: &Fleet) -> anyhow::Result<()> {
    let url = std::env::var("AMQP_URL").context("AMQP_URL is not set")?;
    let connection = Connection::connect(&url, ConnectionProperties::default()).await?;
    let channel = connection.create_channel().await?;
    channel
        .queue_purge(fleet.work_queue().into(), QueuePurgeOptions::default())
        .await?;
    Ok(())
}

async fn told(fleet: &Fleet, arguments: &[&str]) -> anyhow::Result<String> {
    let output = fleet.producer(arguments).await?;
    anyhow::ensure!(output.status.success(), "{arguments:?}: {}", output.status);
    Ok(String::from_utf8(output.stderr)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_purged_queue_is_filled_again_once() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let jobs = fleet.depths().await?.ready;

    // Nothing is gone: neither now nor when it has been waiting for long.
    age(&fleet).await?;
    let text = told(&fleet, &["resume"]).await?;
    let still = format!("{jobs} messages are still in the queue");
    assert!(text.contains(&still), "{text}");
    assert_eq!(fleet.depths().await?.ready, jobs);

    purge(&fleet).await?;
    assert_eq!(fleet.depths().await?.ready, 0);
    let (one, two) = tokio::join!(told(&fleet, &["resume"]), told(&fleet, &["resume"]));
    let (one, two) = (one?, two?);
    assert_eq!(fleet.depths().await?.ready, jobs, "{one}{two}");

    // Gone again, but published just now: that may be another command at work.
    purge(&fleet).await?;
    told(&fleet, &["resume"]).await?;
    assert_eq!(fleet.depths().await?.ready, 0);
    age(&fleet).await?;
    let text = told(&fleet, &["resume"]).await?;
    let again = format!("{jobs} messages lost by the broker published again");
    assert!(text.contains(&again), "{text}");

    let _worker = fleet.worker(&[])?;
    fleet.until("the run is done", DONE).await?;
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    age(&fleet).await?;
    let text = told(&fleet, &["resume"]).await?;
    assert!(text.contains("nothing was left to publish"), "{text}");
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_figure_of_a_month_is_explained() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let _worker = fleet.worker(&[])?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    let asked = [
        "explain",
        "--empreendimento-id",
        "1400",
        "--month",
        "2026-01",
        "--json",
    ];
    let first: Value = serde_json::from_str(&fleet.producer_exits(0, &asked).await?)?;
    assert_eq!(first["previous"], Value::Null);
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    let text = fleet.producer_exits(0, &asked).await?;
    let answer: Value = serde_json::from_str(&text)?;

    let forecasts: Vec<(String, String, String)> = sqlx::query_as(
        "SELECT category, forecast::text, run_id FROM entradas_caixa
         WHERE empreendimento_id = 1400 AND ref_month = '2026-01' ORDER BY category",
    )
    .fetch_all(&fleet.pool)
    .await?;
    let figures = answer["figures"].as_array().context("figures")?;
    let explained: Vec<_> = figures
        .iter()
        .filter(|row| row["table"] == "entradas_caixa")
        .map(|row| {
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            (
                text(&row["category"]),
                text(&row["values"]["forecast"]),
                text(&row["run"]),
            )
        })
        .collect();
    assert_eq!(explained, forecasts);
    assert!(figures.iter().all(|row| row["generation"] == 2), "{text}");
    assert_eq!(answer["commit"]["generation"], 2);
    assert_eq!(answer["previous"]["generation"], 1);
    assert_eq!(answer["previous"]["run"], first["commit"]["run"]);
    assert_eq!(answer["balances"]["forecast"], true);
    assert_eq!(answer["changes"][0]["difference"], "+0");

    // The same of the cash out, and by the other program.
    let cash_out = ["explain", "--saidas-caixa", "--month", "2026-01"];
    let text = fleet.producer_exits(0, &cash_out).await?;
    assert!(text.contains("orcamento: Σ ValorParcela"), "{text}");
    let output = fleet.run("mega-sync", &asked).await?;
    let by_mega_sync: Value = serde_json::from_slice(&output.stdout)?;
    assert_eq!(by_mega_sync, answer);

    let output = fleet
        .producer(&["explain", "--empreendimento-id", "77"])
        .await?;
    let text = String::from_utf8(output.stderr)?;
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(text.contains("there is no empreendimento 77"), "{text}");
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn one_cause_of_two_is_corrected_and_requeued() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let _worker = fleet.worker(&[])?;
    let parcelas = || Selector::route(Route::DadosParcelas);
    let overloaded = FaultKind::Status {
        code: 500,
        retry_after_seconds: None,
    };
    fleet
        .erp
        .fault(Fault::always(parcelas().contrato(11042), overloaded));
    fleet.erp.fault(Fault::always(
        parcelas().contrato(11001),
        FaultKind::Truncated,
    ));
    fleet.producer_exits(3, &GOLDEN_BACKFILL).await?;
    let text = fleet
        .producer_exits(3, &["failed", "--group", "--json"])
        .await?;
    let answer: Value = serde_json::from_str(&text)?;
    let causes = answer["causes"].as_array().context("causes")?;
    assert_eq!(causes.len(), 2, "{text}");
    let of_1415 = causes
        .iter()
        .find(|cause| cause["example"]["target"] == "1415")
        .context("1415 is an example")?;
    let fingerprint = of_1415["fingerprint"].as_str().context("a fingerprint")?;

    fleet.erp.clear_faults();
    let requeue = ["requeue", "--cause", fingerprint];
    fleet.producer_exits(0, &requeue).await?;
    let one_left = "SELECT COUNT(*) = 1 AND bool_and(target <> '1415')
                    FROM sync_jobs WHERE state <> 'done'";
    fleet.until("only the other is left", one_left).await?;
    fleet.producer_exits(0, &requeue).await?;
    fleet.producer_exits(3, &["failed"]).await?;
    fleet.producer_exits(0, &["requeue"]).await?;
    fleet.until("the run is done", DONE).await?;
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    let audited: Vec<(String, String)> =
        sqlx::query_as("SELECT target, filter FROM sync_requeues ORDER BY at")
            .fetch_all(&fleet.pool)
            .await?;
    assert_eq!(audited.len(), 2);
    let by_cause = ("1415".to_owned(), format!("cause {fingerprint}"));
    assert_eq!((&audited[0], audited[1].1.as_str()), (&by_cause, "all"));
    let status = fleet.producer_exits(0, &["status"]).await?;
    assert!(status.contains("balances  yes"), "{status}");
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_that_nothing_moves_is_not_waited_for_for_ever() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let waiting = [&GOLDEN_BACKFILL[..], &["--timeout", "2"]].concat();
    let output = fleet.producer(&waiting).await?;
    let text = String::from_utf8(output.stderr)?;
    assert_eq!(output.status.code(), Some(7), "{text}");
    assert!(text.contains("it has not ended within 2 s"), "{text}");

    // Its messages are gone, and nothing has happened to its jobs for long: two looks agree.
    purge(&fleet).await?;
    let begun = async {
        let waits = fleet.producer(&GOLDEN_BACKFILL);
        let lost = async {
            let published = "SELECT COUNT(*) = 18 FROM sync_jobs WHERE published_at IS NOT NULL";
            fleet.until("both runs are published", published).await?;
            purge(&fleet).await?;
            age(&fleet).await
        };
        let (output, lost) = tokio::join!(waits, lost);
        lost?;
        output
    };
    let output = begun.await?;
    let text = String::from_utf8(output.stderr)?;
    assert_eq!(output.status.code(), Some(7), "{text}");
    assert!(
        text.contains("the broker has no message for 9 open jobs"),
        "{text}"
    );
    assert!(text.contains("producer resume --run"), "{text}");
    let page = fleet.producer_exits(0, &["status"]).await?;
    assert!(
        page.contains("silent    9 jobs, nothing happens to them"),
        "{page}"
    );

    told(&fleet, &["resume"]).await?;
    let worker = fleet.worker(&[])?;
    let newest = "SELECT bool_and(state = 'done') FROM sync_jobs
                  WHERE run_id = (SELECT id FROM sync_runs ORDER BY created_at DESC LIMIT 1)";
    fleet.until("the newest run is done", newest).await?;
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    drop(worker);
    fleet.remove().await
}
