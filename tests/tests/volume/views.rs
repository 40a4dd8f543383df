//! The statements of the readers of the replaced system at production's size.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use sqlx::AssertSqlSafe;
use tests::{Fleet, GOLDEN, binary, contract};
use tokio::process::Command;

/// The longest that a statement may take.
const LONGEST: Duration = Duration::from_millis(200);

/// 181 empreendimentos of 30 filiais over 60 months to 2026-12, with 8,102 faturas a year, and as much in
/// the old tables. The empreendimento of code 1400 and the filial of code 100 are among them.
const ROWS: &str = "
INSERT INTO filiais (id, nome, is_active, run_id, synced_at)
SELECT 99 + n, 'Filial ' || n, true, 'r', now() FROM generate_series(1, 30) n;
INSERT INTO empreendimentos (id, nome, filial_id, is_active, run_id, synced_at)
SELECT 1399 + n, 'Empreendimento ' || n, 100 + n % 30, true, 'r', now() FROM generate_series(1, 181) n;
INSERT INTO contratos (id, empreendimento_id, status, valor_contrato, run_id, synced_at)
SELECT 11000 + n, 1400 + n % 181, 'Ativo', 1000 + n, 'r', now() FROM generate_series(1, 7200) n;
CREATE TEMPORARY TABLE months AS
SELECT to_char(date '2022-01-01' + make_interval(months => n), 'YYYY-MM') AS ref_month
FROM generate_series(0, 59) n;
INSERT INTO entradas_caixa
SELECT e.id, ref_month, category, e.nome, 1, 2, '{}', 'r', now() FROM empreendimentos e, months,
       unnest(ARRAY['ativos', 'recuperacoes', 'antecipacoes', 'outras']) AS category;
INSERT INTO delinquency
SELECT e.id, ref_month, e.nome, 1, 2, 3, 4, 5, 15, '{\"quantity\": 5, \"quantities\": {\"up_to_30\": 1}}',
       'r', now() FROM empreendimentos e, months;
INSERT INTO estatisticas_portfolio
SELECT e.id, ref_month, e.nome, 100, 50, 12, 3, 40, 30, '{}', 'r', now() FROM empreendimentos e, months;
INSERT INTO saidas_caixa
SELECT f.id, ref_month, 'C' || c, f.nome, 3, 2, '{\"faturas\": 1, \"pagamentos\": 1}', 'r', now()
FROM filiais f, months, generate_series(1, 10) c;
INSERT INTO faturas_pagar (filial_id, numero_ap, numero_parcela, agente_codigo, tipo_documento,
                           numero_documento, data_vencimento, valor_parcela, saldo_atual, run_id, synced_at)
SELECT 100 + n % 30, n::text, '1', 1, 'NF', '1', date '2022-01-01' + n % 1826, 10, 0, 'r', now()
FROM generate_series(1, 40510) n;
INSERT INTO sync_runs (id, start_date, end_date, as_of, created_at)
SELECT 'r' || n, '2026-01-01', '2026-11-22', '2026-11-23', now() - make_interval(days => n)
FROM generate_series(1, 400) n;
INSERT INTO sync_jobs (run_id, target, seq, nome, state, finished_at)
SELECT r.id, (1399 + n)::text, n, 'x', 'done', now() FROM sync_runs r, generate_series(1, 181) n";

/// As many rows of the old system for the months before the last: 43,000 of cash in, of two cells each.
const OLD_ROWS: &str = "
INSERT INTO antigo.entradas_caixa (empreendimento_id, empreendimento_nome, ref_month, category, forecast, actual, origem)
SELECT 3001, 'x', ref_month, category || n, 1, 2, 'mega' FROM months,
       unnest(ARRAY['ativos', 'recuperacoes', 'antecipacoes', 'outras']) AS category, generate_series(1, 181) n
WHERE ref_month < '2026-10'";

/// The longest that a comparison of 100,000 cells a side may take.
const LONGEST_COMPARISON: Duration = Duration::from_secs(10);
/// The most memory that it may have, in MB.
const MOST_MEMORY: f64 = 64.0;

/// Prints the most memory, in KiB, that the command of its arguments has had, and what it exited with.
pub const PEAK: &str = "
import resource, subprocess, sys
exit = subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode
print(exit, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/test --full"]
async fn every_statement_of_the_readers_answers_within_a_fifth_of_a_second() -> anyhow::Result<()> {
    let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.add("MEGA_SYNC_SCHEMA", "mega");
    fleet.producer_exits(0, &["migrate"]).await?;
    fleet.create_old_tables("timestamptz").await?.close().await;
    let ours = fleet.in_path("mega").await?;
    sqlx::raw_sql(AssertSqlSafe(format!("{ROWS};{OLD_ROWS}")))
        .execute(&ours)
        .await?;
    sqlx::raw_sql("ANALYZE").execute(&ours).await?;
    fleet.install_views(&[]).await?;

    let readers = fleet.in_path("compat,antigo").await?;
    let mut slow = Vec::new();
    for (name, statement) in contract() {
        let statement = || sqlx::query(AssertSqlSafe(statement.to_owned()));
        // The first one pays for the plan and for cold pages; readers ask again and again.
        let mut fastest = Duration::MAX;
        for _ in 0..3 {
            let began = Instant::now();
            statement().persistent(false).fetch_all(&readers).await?;
            fastest = fastest.min(began.elapsed());
        }
        println!("{name:<4} {:>6.1} ms", fastest.as_secs_f64() * 1000.0);
        if fastest > LONGEST {
            slow.push(name);
        }
    }
    assert!(
        slow.is_empty(),
        "slower than {} ms: {slow:?}",
        LONGEST.as_millis()
    );
    readers.close().await;

    // Of two months, more than 100,000 cells a side. What differs has no cause: it exits with 6.
    let began = Instant::now();
    let compare = [
        "compare",
        "--legacy-schema",
        "antigo",
        "--json",
        "--month",
        "2022-01,2026-09",
    ];
    let report: serde_json::Value =
        serde_json::from_str(&fleet.producer_exits(6, &compare).await?)?;
    let took = began.elapsed();
    let tables = report["tables"].as_object().into_iter().flatten();
    let cells: u64 = tables
        .filter_map(|(_, cells)| cells["compared"].as_u64())
        .sum();
    println!("{cells} cells compared in {:.1} s", took.as_secs_f64());
    assert!(cells > 200_000);
    assert!(took < LONGEST_COMPARISON, "{took:?}");
    let peak = Command::new("python3")
        .args(["-c", PEAK])
        .arg(binary("producer")?)
        .args(compare)
        .envs(fleet.environment())
        .output()
        .await?;
    let peak = String::from_utf8(peak.stdout)?;
    let kib: f64 = peak
        .trim()
        .strip_prefix("6 ")
        .with_context(|| format!("not what a comparison exits with: {peak}"))?
        .parse()?;
    let peak = kib * 1024.0 / 1e6;
    println!("{peak:.1} MB at most");
    assert!(peak < MOST_MEMORY, "{peak} MB");
    ours.close().await;
    fleet.remove_database().await
}
