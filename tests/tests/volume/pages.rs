//! The pages at production's size: how soon each begins, and how large it is.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use reqwest::{Method, StatusCode};
use simulator::Config;
use sqlx::AssertSqlSafe;
use tests::{Fleet, GOLDEN, GOLDEN_BACKFILL, Web, garble_a_contrato};

use crate::number;

/// The longest that the first byte of a page may take, half of the times it is asked for. The queries take
/// as long without optimisation; what makes pages of their rows takes several times as long.
const LONGEST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 250 } else { 50 });
/// Every page is smaller than this, in bytes and before it is compressed.
const LARGEST: usize = 150_000;
/// How often each page is asked for.
const ASKED: usize = 5;

/// A year of nights over 181 empreendimentos, made of the one run that the ledger holds: a job that is done
/// has the manifest and the checks of its 1400, one that failed those of its 1406. The first night reads 24
/// months and each later one the last two. In every seventh night a job failed, and nine in the last one,
/// whose figures are still those of the night before. A tenth of the jobs took a second attempt. The
/// figures of 24 months are those of the night that wrote them.
const YEAR: &str = "
CREATE TEMPORARY TABLE kinds AS SELECT * FROM sync_jobs WHERE target IN ('1400', '1406');
CREATE TEMPORARY TABLE kinds_checks AS
SELECT COALESCE(k.state, c.target) AS kind, c.seq, c.name, c.severity, c.verdict, c.expected,
       c.observed, c.subjects, c.samples
FROM sync_checks c LEFT JOIN kinds k ON k.target = c.target AND k.generation = c.generation
WHERE k.state IS NOT NULL OR c.target = 'catalogue';
TRUNCATE filiais, sync_runs, sync_attempts, sync_targets, sync_coverage, sync_contratos, sync_workers,
    sync_cells
CASCADE;

CREATE TEMPORARY TABLE nights AS
SELECT night, now() - make_interval(days => night) AS began,
       to_char(now() - make_interval(days => night), 'YYYYMMDD-HH24MISS-')
           || substr(md5(night::text), 1, 6) AS run_id,
       CASE night WHEN 365 THEN 23 ELSE 1 END AS read_again
FROM generate_series(1, 365) AS night;
CREATE TEMPORARY TABLE months AS
SELECT to_char(date_trunc('month', began) - make_interval(months => n), 'YYYY-MM') AS ref_month
FROM nights, generate_series(0, 23) AS n WHERE night = 1;

INSERT INTO filiais (id, nome, is_active, run_id, synced_at)
SELECT 99 + n, 'Filial ' || n, true, run_id, began
FROM nights, generate_series(1, 30) AS n WHERE night = 1;
INSERT INTO empreendimentos (id, nome, filial_id, is_active, run_id, synced_at)
SELECT 1399 + n, 'Loteamento Jardim das Flores ' || n, 100 + n % 30, true, run_id, began
FROM nights, generate_series(1, 181) AS n WHERE night = 1;
INSERT INTO contratos (id, empreendimento_id, status, valor_contrato, run_id, synced_at)
SELECT 11000 + n, 1400 + n % 181, 'Ativo', 250000 + n, run_id, began
FROM nights, generate_series(1, 7200) AS n WHERE night = 1;
CREATE TEMPORARY TABLE targets AS
SELECT id::text AS target, nome, row_number() OVER (ORDER BY id) AS seq FROM empreendimentos
UNION ALL SELECT 'saidas-caixa', 'cash out of all filiais', 182;

INSERT INTO sync_runs (id, start_date, end_date, as_of, created_at)
SELECT run_id, (date_trunc('month', began) - make_interval(months => read_again))::date, began::date,
       began::date + 1, began
FROM nights;
INSERT INTO sync_workers (id, started_at, heartbeat_at, stopped_at)
SELECT 'worker-' || night || '-' || n, began, began + interval '1 hour', began + interval '1 hour'
FROM nights, generate_series(1, 3) AS n;
INSERT INTO sync_jobs (run_id, target, seq, nome, state, published_at, generation, errors, class,
                       fingerprint, message, started_at, finished_at, worker, manifest)
SELECT n.run_id, t.target, t.seq, t.nome, k.state, n.began, (365 - n.night) * 2 + 2, k.errors, k.class,
       k.fingerprint, k.message, n.began + make_interval(secs => t.seq),
       n.began + make_interval(secs => t.seq + 30), 'worker-' || n.night || '-1', k.manifest
FROM nights n CROSS JOIN targets t
JOIN kinds k ON k.state = CASE
    WHEN n.night = 1 AND t.seq % 20 = 0 OR n.night % 7 = 0 AND t.seq = n.night % 181 + 1 THEN 'failed'
    ELSE 'done' END;
INSERT INTO sync_attempts (target, generation, run_id, worker, started_at, finished_at, outcome, class,
                           fingerprint, message, manifest)
SELECT target, generation, run_id, worker, started_at, finished_at, state, class, fingerprint, message,
       manifest
FROM sync_jobs;
INSERT INTO sync_attempts (target, generation, run_id, worker, started_at, finished_at, outcome, class,
                           fingerprint, message)
SELECT target, generation - 1, run_id, worker, started_at - interval '1 minute', started_at, 'retry',
       'transient', 'DadosParcelas: 500', 'contrato 11042: DadosParcelas answered 500'
FROM sync_jobs WHERE seq % 10 = 1;
INSERT INTO sync_checks (run_id, target, generation, seq, name, severity, verdict, expected, observed,
                         subjects, samples)
SELECT j.run_id, j.target, j.generation, c.seq, c.name, c.severity, c.verdict, c.expected, c.observed,
       c.subjects, c.samples
FROM sync_jobs j JOIN kinds_checks c ON c.kind = j.state;
INSERT INTO sync_checks (run_id, target, generation, seq, name, severity, verdict, expected, observed,
                         subjects, samples)
SELECT n.run_id, c.kind, 0, c.seq, c.name, c.severity, c.verdict, c.expected, c.observed, c.subjects,
       c.samples
FROM nights n JOIN kinds_checks c ON c.kind = 'catalogue';
INSERT INTO sync_targets (target, generation, committed_at, commit_generation, commit_run)
SELECT DISTINCT ON (target) target, generation, finished_at, generation, run_id
FROM sync_jobs WHERE state = 'done' ORDER BY target, generation DESC;
INSERT INTO sync_coverage (target, period, as_of, run_created_at, run_id, committed_at)
SELECT DISTINCT ON (j.target, m.ref_month)
       j.target, m.ref_month, r.as_of, r.created_at, r.id, j.finished_at
FROM sync_jobs j JOIN sync_runs r ON r.id = j.run_id
JOIN months m ON m.ref_month BETWEEN to_char(r.start_date, 'YYYY-MM') AND to_char(r.end_date, 'YYYY-MM')
WHERE j.state = 'done' AND j.target <> 'saidas-caixa'
ORDER BY j.target, m.ref_month, r.created_at DESC;

INSERT INTO entradas_caixa
SELECT e.id, c.period, category, e.nome, 1000000 + e.id * 123.45, 900000 + e.id * 98.76, '{}', c.run_id,
       c.committed_at
FROM sync_coverage c JOIN empreendimentos e ON e.id::text = c.target,
     unnest(ARRAY['ativos', 'recuperacoes', 'antecipacoes', 'outras']) AS category;
INSERT INTO delinquency
SELECT e.id, c.period, e.nome, 10000.1, 20000.2, 30000.3, 40000.4, 50000.5, 150001.5, '{}', c.run_id,
       c.committed_at
FROM sync_coverage c JOIN empreendimentos e ON e.id::text = c.target;
INSERT INTO estatisticas_portfolio
SELECT e.id, c.period, e.nome, 10000000 + e.id * 1234.56, 50.25, 12.3, 3.45, 40, 30, '{}', c.run_id,
       c.committed_at
FROM sync_coverage c JOIN empreendimentos e ON e.id::text = c.target;
INSERT INTO saidas_caixa
SELECT f.id, ref_month, 'C' || c, f.nome, 30000.3, 20000.2, '{\"faturas\": 1, \"pagamentos\": 1}',
       n.run_id, n.began
FROM filiais f, months, nights n, generate_series(1, 10) AS c WHERE n.night = 1";

/// The newest month that has figures, and the one a year before it.
const MONTHS: &str = "
SELECT MAX(ref_month), to_char(to_date(MAX(ref_month), 'YYYY-MM') - interval '1 year', 'YYYY-MM')
FROM estatisticas_portfolio";

/// What a page costs whoever opens it.
struct Cost {
    /// Until its first byte: the median.
    first_byte: Duration,
    /// As sent to a browser.
    bytes_gz: usize,
    /// Before it is compressed.
    bytes_plain: usize,
}

impl Cost {
    /// Of a page that must show a text; the first time it is asked for does not count.
    async fn of(web: &Web, path: &str, shows: &str) -> anyhow::Result<Self> {
        let (status, text) = web.get(path).await?;
        assert_eq!(status, StatusCode::OK, "{path}: {text}");
        assert!(text.contains(shows), "{path} without {shows:?}: {text}");
        let (mut took, mut bytes_gz) = (Vec::new(), 0);
        for _ in 0..ASKED {
            let request = web
                .request(Method::GET, path)
                .header("accept-encoding", "gzip");
            let began = Instant::now();
            let mut answer = request.send().await?;
            let first = answer.chunk().await?.context("an empty page")?;
            took.push(began.elapsed());
            assert_eq!(answer.headers()["content-encoding"], "gzip");
            bytes_gz = first.len() + answer.bytes().await?.len();
        }
        took.sort_unstable();
        Ok(Self {
            first_byte: took[ASKED / 2],
            bytes_gz,
            bytes_plain: text.len(),
        })
    }
}

/// Makes a year of nights of a run over the golden data.
pub async fn year_of_nights(fleet: &Fleet) -> anyhow::Result<()> {
    nights(fleet, 365).await
}

/// Makes so many nights of a run over the golden data.
pub async fn nights(fleet: &Fleet, nights: u32) -> anyhow::Result<()> {
    garble_a_contrato(&fleet.erp);
    let worker = fleet.worker(&[])?;
    fleet.producer_exits(3, &GOLDEN_BACKFILL).await?;
    fleet.retire(worker).await?;
    // Vacuumed, as a database is that grew over a year; otherwise the server would begin it while pages are
    // timed.
    for statements in [
        YEAR.replace("365", &nights.to_string()),
        "VACUUM (ANALYZE)".to_owned(),
    ] {
        sqlx::raw_sql(AssertSqlSafe(statements))
            .execute(&fleet.pool)
            .await?;
    }
    let jobs = number(fleet, "SELECT COUNT(*) FROM sync_jobs").await?;
    assert_eq!(jobs, i64::from(nights) * 182);
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/test --full"]
async fn every_page_begins_soon_and_is_small_after_a_year_of_nights() -> anyhow::Result<()> {
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    year_of_nights(&fleet).await?;
    let figures = number(&fleet, "SELECT COUNT(*) FROM estatisticas_portfolio").await?;
    assert_eq!(figures, 181 * 24);
    let (month, year_before): (String, String) =
        sqlx::query_as(MONTHS).fetch_one(&fleet.pool).await?;
    let newest = "SELECT id FROM sync_runs ORDER BY created_at DESC LIMIT 1";
    let run: String = sqlx::query_scalar(newest).fetch_one(&fleet.pool).await?;

    let web = Web::of(&fleet).await?;
    let mut wrong = Vec::new();
    println!("page, ms, bytes gz, bytes plain");
    let failures = "A execução terminou com falhas: 9 de 182 jobs falharam.";
    let last = "Loteamento Jardim das Flores 181";
    for (path, shows) in [
        ("/".to_owned(), failures),
        ("/runs".to_owned(), &*run),
        (format!("/runs/{run}"), failures),
        // Twelve months are side by side: the newest, and those before them. Colours make the page larger.
        (format!("/figures?until={month}"), last),
        (format!("/figures?until={year_before}"), last),
        (format!("/figures?until={month}&measure=vp&heat=on"), last),
        ("/figures/1400".to_owned(), "mais de 180 dias"),
        (format!("/figures/1400/{month}"), "Gravado por"),
        (format!("/cash-out?month={month}"), "C10"),
        ("/changes".to_owned(), "<h1>"),
        ("/closes".to_owned(), "<h1>"),
        ("/schedules".to_owned(), "<h1>"),
        ("/maintenance".to_owned(), "<h1>"),
        ("/about".to_owned(), "Copia os dados"),
    ] {
        let cost = Cost::of(&web, &path, shows).await?;
        let milliseconds = cost.first_byte.as_secs_f64() * 1000.0;
        let line = format!(
            "{path}, {milliseconds:.1}, {}, {}",
            cost.bytes_gz, cost.bytes_plain
        );
        println!("{line}");
        if cost.first_byte > LONGEST || cost.bytes_plain >= LARGEST {
            wrong.push(line);
        }
    }
    assert!(
        wrong.is_empty(),
        "later than {} ms or not below {LARGEST} bytes: {wrong:#?}",
        LONGEST.as_millis()
    );
    web.stop().await?;
    fleet.remove().await
}
