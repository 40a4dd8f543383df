//! What a worker tells those who watch it: `/metrics`, `/readyz`, and the alerts that stand on them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use anyhow::Context as _;
use simulator::{Fault, FaultKind, Route, Selector};
use tests::{Fleet, GOLDEN, Process};

use crate::{ALL_DONE, GOLDEN_BACKFILL};

/// A worker, and the address that it answers on.
struct Watched {
    address: String,
    _worker: Process,
}

impl Watched {
    fn start(fleet: &Fleet) -> anyhow::Result<Self> {
        runtime::tls::install_provider();
        let address = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let address = address.to_string();
        let worker = fleet.worker(&["--listen", &address])?;
        Ok(Self {
            address,
            _worker: worker,
        })
    }

    async fn ask(&self, path: &str) -> anyhow::Result<(u16, String)> {
        let answer = reqwest::get(format!("http://{}/{path}", self.address)).await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    }

    async fn scrape(&self) -> anyhow::Result<Exposition> {
        let answer = reqwest::get(format!("http://{}/metrics", self.address)).await?;
        let kind = answer.headers()["content-type"].to_str()?.to_owned();
        anyhow::ensure!(kind.starts_with("text/plain; version=0.0.4"), "{kind}");
        Exposition::read(&answer.text().await?)
    }
}

/// Prometheus' text format: series with their values, and what is said about their families.
struct Exposition {
    series: BTreeMap<String, f64>,
    types: BTreeMap<String, String>,
    helped: BTreeSet<String>,
}

impl Exposition {
    fn read(text: &str) -> anyhow::Result<Self> {
        let mut read = Self {
            series: BTreeMap::new(),
            types: BTreeMap::new(),
            helped: BTreeSet::new(),
        };
        for line in text.lines().filter(|line| !line.is_empty()) {
            if let Some(help) = line.strip_prefix("# HELP ") {
                let (name, help) = help.split_once(' ').context("a help without a text")?;
                anyhow::ensure!(!help.trim().is_empty(), "{line}");
                read.helped.insert(name.to_owned());
            } else if let Some(kind) = line.strip_prefix("# TYPE ") {
                let (name, kind) = kind.split_once(' ').context("a type without a name")?;
                read.types.insert(name.to_owned(), kind.to_owned());
            } else {
                let (series, value) = line.rsplit_once(' ').context("a series without a value")?;
                read.series.insert(series.to_owned(), value.parse()?);
            }
        }
        Ok(read)
    }

    /// The value of one series; 0 of one that is not there.
    fn of(&self, series: &str) -> f64 {
        self.series.get(series).copied().unwrap_or_default()
    }

    /// The families whose series can be asked for: of a histogram its three kinds.
    fn names(&self) -> BTreeSet<String> {
        let names = self.series.keys();
        names
            .map(|series| series.split('{').next().unwrap_or_default().to_owned())
            .collect()
    }
}

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

#[tokio::test(flavor = "multi_thread")]
async fn a_schema_that_lacks_a_migration_is_not_ready() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let watched = Watched::start(&fleet)?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    assert_eq!(watched.ask("readyz").await?.0, 200);
    sqlx::query(
        "DELETE FROM _sqlx_migrations WHERE version = (SELECT MAX(version) FROM _sqlx_migrations)",
    )
    .execute(&fleet.pool)
    .await?;
    let (code, text) = watched.ask("readyz").await?;
    assert_eq!(code, 503);
    assert!(text.contains("migrations: 1 not applied"), "{text}");
    assert!(text.contains("database: ok"), "{text}");
    let told = watched.scrape().await?;
    assert_eq!(told.of("mega_sync_migrations_pending"), 1.0);
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_is_asked_how_it_is_by_another() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let watched = Watched::start(&fleet)?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    let port = watched.address.rsplit(':').next().context("a port")?;
    let everywhere = format!("0.0.0.0:{port}");
    let check = async |arguments: &[&str]| -> anyhow::Result<(Option<i32>, String, String)> {
        let output = fleet.run("worker", arguments).await?;
        let text = |bytes| String::from_utf8(bytes).context("it prints text");
        Ok((
            output.status.code(),
            text(output.stdout)?,
            text(output.stderr)?,
        ))
    };
    let (code, said, _) = check(&["--check", "health", "--listen", &everywhere]).await?;
    assert_eq!((code, said.as_str()), (Some(0), "alive\n"));
    let (code, said, _) = check(&["--check", "ready", "--listen", &everywhere]).await?;
    assert_eq!(code, Some(0));
    assert!(said.contains("broker: ok"), "{said}");

    fleet.erp.refuse_sign_ins(true);
    fleet.erp.void_all_tokens();
    fleet.producer_exits(4, &GOLDEN_BACKFILL).await?;
    let (code, _, said) = check(&["--check", "ready", "--listen", &everywhere]).await?;
    assert_eq!(code, Some(1));
    assert!(said.contains("sign-in: refused at"), "{said}");
    let (code, _, _) = check(&["--check", "health", "--listen", &everywhere]).await?;
    assert_eq!(code, Some(0));

    let (code, _, said) = check(&["--check", "health", "--listen", "127.0.0.1:1"]).await?;
    assert_eq!(code, Some(1));
    assert!(said.contains("no worker answers on 127.0.0.1:1"), "{said}");
    let (code, _, said) = check(&["--check", "health"]).await?;
    assert_eq!(code, Some(1));
    assert!(said.contains("MEGA_SYNC_LISTEN"), "{said}");
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn alerts_stand_on_what_is_exposed_and_written() -> anyhow::Result<()> {
    let read = |path: &str| {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("..").join(path);
        std::fs::read_to_string(&path).with_context(|| path.display().to_string())
    };
    let alerts = read("ops/alerts.yml")?;
    let runbook = read("docs/OPERATIONS.md")?;

    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let watched = Watched::start(&fleet)?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    let exposed = watched.scrape().await?.names();
    let is_of_a_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let used: BTreeSet<&str> = alerts
        .split(|c| !is_of_a_name(c))
        .filter(|word| word.starts_with("mega_sync_"))
        .collect();
    assert!(used.len() > 5, "{used:?}");
    for name in used {
        assert!(exposed.contains(name), "{name} is not exposed: {exposed:?}");
    }

    let value_of = |line: &str, key: &str| line.trim().strip_prefix(key).map(str::to_owned);
    let names = alerts
        .lines()
        .filter_map(|line| value_of(line, "- alert: "));
    let urls = alerts
        .lines()
        .filter_map(|line| value_of(line, "runbook_url: "));
    let (names, urls): (Vec<_>, Vec<_>) = (names.collect(), urls.collect());
    let wanted = names
        .iter()
        .map(|name| format!("docs/OPERATIONS.md#{}", name.to_lowercase()));
    assert_eq!(urls, wanted.collect::<Vec<_>>());
    for name in names {
        let heading = format!("\n### {name}\n");
        assert!(runbook.contains(&heading), "{name} is not in the runbook");
    }
    fleet.remove().await
}
