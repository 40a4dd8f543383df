//! What a scrape of `/metrics` says of a run.

use simulator::{Fault, FaultKind, Route, Selector};
use tests::{Fleet, GOLDEN};

use super::watched::Watched;
use crate::{ALL_DONE, GOLDEN_BACKFILL};

#[tokio::test(flavor = "multi_thread")]
async fn a_scrape_tells_what_was_done() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let watched = Watched::start(&fleet)?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    let told = watched.scrape().await?;

    let parcelas: i64 = sqlx::query_scalar(
        "SELECT SUM((manifest->>'records_read')::bigint)::bigint FROM sync_attempts
         WHERE target <> 'saidas-caixa'",
    )
    .fetch_one(&fleet.pool)
    .await?;
    assert!(parcelas > 0);
    let calls = fleet.erp.counters();
    for (series, value) in [
        (
            r#"mega_sync_attempts_total{outcome="done",class="none"}"#,
            9,
        ),
        (
            r#"mega_sync_attempt_duration_seconds_count{outcome="done"}"#,
            9,
        ),
        (
            r#"mega_sync_commit_duration_seconds_count{outcome="applied"}"#,
            9,
        ),
        ("mega_sync_parcelas_read_total", parcelas),
        // Every job's; then those of the empreendimentos alone.
        (
            r#"mega_sync_checks_total{check="whole",verdict="passed"}"#,
            9,
        ),
        (
            r#"mega_sync_checks_total{check="newer-stays",verdict="passed"}"#,
            9,
        ),
        (
            r#"mega_sync_checks_total{check="balanced-vp",verdict="passed"}"#,
            8,
        ),
        (
            r#"mega_sync_checks_total{check="belongs",verdict="failed"}"#,
            0,
        ),
        ("mega_sync_commits_fenced_total", 0),
        (r#"mega_sync_jobs{state="done"}"#, 9),
        (r#"mega_sync_jobs{state="failed"}"#, 0),
        (r#"mega_sync_queue_messages{queue="work"}"#, 0),
        (r#"mega_sync_queue_messages{queue="retry_0.2s"}"#, 0),
        (r#"mega_sync_queue_messages{queue="urgent"}"#, 0),
        (r#"mega_sync_queue_messages{queue="urgent_retry_0.2s"}"#, 0),
        (r#"mega_sync_queue_messages{queue="dead"}"#, 0),
        (r#"mega_sync_service_up{service="broker"}"#, 1),
        (r#"mega_sync_service_up{service="database"}"#, 1),
        ("mega_sync_migrations_pending", 0),
        ("mega_sync_erp_away", 0),
    ] {
        assert_eq!(told.of(series), value as f64, "{series}");
        assert!(told.series.contains_key(series), "{series}");
    }
    let of_route = |route: &str| {
        let prefix = format!(r#"mega_sync_erp_calls_total{{route="{route}","#);
        let series = told
            .series
            .iter()
            .filter(|(name, _)| name.starts_with(&prefix));
        series.map(|(_, value)| value).sum::<f64>()
    };
    for (name, route) in [
        ("DadosContrato", Route::DadosContrato),
        ("DadosParcelas", Route::DadosParcelas),
        ("FaturaPagar", Route::FaturaPagar),
    ] {
        assert_eq!(of_route(name), calls.calls_of(route) as f64, "{name}");
        let timed = format!(r#"mega_sync_erp_call_duration_seconds_count{{route="{name}"}}"#);
        assert_eq!(told.of(&timed), of_route(name), "{name}");
    }
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_metric_is_described_and_named_by_the_conventions() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let watched = Watched::start(&fleet)?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    let told = watched.scrape().await?;
    assert!(told.types.len() > 10);
    for (name, kind) in &told.types {
        assert!(told.helped.contains(name), "{name} is not described");
        assert!(name.starts_with("mega_sync_"), "{name}");
        let conventional = match kind.as_str() {
            "counter" => name.ends_with("_total"),
            "histogram" => name.ends_with("_seconds"),
            "gauge" => !name.ends_with("_total"),
            _ => false,
        };
        assert!(conventional, "{name} is a {kind}");
    }
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scrape_tells_what_failed_until_it_is_done_again() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let refused = FaultKind::Status {
        code: 404,
        retry_after_seconds: None,
    };
    let faturas = Selector::route(Route::FaturaPagar);
    fleet.erp.fault(Fault::always(faturas, refused));
    let watched = Watched::start(&fleet)?;
    fleet.producer_exits(3, &GOLDEN_BACKFILL).await?;
    let told = watched.scrape().await?;
    for series in [
        r#"mega_sync_attempts_total{outcome="failed",class="data"}"#,
        r#"mega_sync_jobs{state="failed"}"#,
        r#"mega_sync_queue_messages{queue="dead"}"#,
        r#"mega_sync_erp_calls_total{route="FaturaPagar",status="404"}"#,
    ] {
        assert_eq!(told.of(series), 1.0, "{series}");
    }

    fleet.erp.clear_faults();
    fleet.producer_exits(0, &["requeue"]).await?;
    fleet.until("the failed job is done", ALL_DONE).await?;
    let told = watched.scrape().await?;
    assert_eq!(told.of(r#"mega_sync_jobs{state="failed"}"#), 0.0);
    assert_eq!(told.of(r#"mega_sync_jobs{state="done"}"#), 9.0);
    fleet.remove().await
}
