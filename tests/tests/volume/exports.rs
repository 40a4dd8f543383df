//! A million cells as a file, in the memory of a few.

use std::path::Path;
use std::time::Instant;

use anyhow::{Context as _, ensure};
use tests::{Fleet, GOLDEN, binary};
use tokio::process::Command;

use crate::views::PEAK;

/// The most memory that an export may have, in MB.
const MOST_MEMORY: f64 = 64.0;
/// How many cells there are.
const CELLS: u64 = 1_000_000;

/// 1,000 empreendimentos over 200 months with five categories each, of one run.
const ROWS: &str = "
INSERT INTO filiais (id, nome, is_active, run_id, synced_at) VALUES (100, 'Filial', true, 'r', now());
INSERT INTO empreendimentos (id, nome, filial_id, is_active, run_id, synced_at)
SELECT n, 'Empreendimento ' || n, 100, true, 'r', now() FROM generate_series(1, 1000) n;
INSERT INTO sync_runs (id, start_date, end_date, as_of, created_at)
VALUES ('r', '2010-01-01', '2026-08-31', '2026-09-01', now() - interval '1 hour');
INSERT INTO sync_jobs (run_id, target, seq, nome, state, finished_at)
SELECT 'r', n::text, n, 'Empreendimento ' || n, 'done', now() FROM generate_series(1, 1000) n;
INSERT INTO sync_cells (kind, owner, ref_month, category, at, run_id, as_of, v0, v1)
SELECT 'entradas_caixa', owner, to_char(date '2010-01-01' + make_interval(months => m), 'YYYY-MM'),
       category, now() - interval '1 minute', 'r', '2026-09-01', owner * 100 + m, m
FROM generate_series(1, 1000) owner, generate_series(0, 199) m,
     unnest(ARRAY['ativos', 'recuperacoes', 'antecipacoes', 'outras', 'taxas']) AS category";

/// Exports, and returns the most memory it had, in MB.
async fn peak_of(fleet: &Fleet, out: &Path, format: &str) -> anyhow::Result<f64> {
    let peak = Command::new("python3")
        .args(["-c", PEAK])
        .arg(binary("producer")?)
        .args(["export", "--tables", "entradas_caixa", "--format", format])
        .arg("--out")
        .arg(out)
        .envs(fleet.environment())
        .output()
        .await?;
    let peak = String::from_utf8(peak.stdout)?;
    let kib: f64 = peak
        .trim()
        .strip_prefix("0 ")
        .with_context(|| format!("not what an export exits with: {peak}"))?
        .parse()?;
    Ok(kib * 1024.0 / 1e6)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/test --full"]
async fn a_million_cells_are_exported_within_constant_memory() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.producer_exits(0, &["migrate"]).await?;
    sqlx::raw_sql(ROWS).execute(&fleet.pool).await?;
    sqlx::raw_sql("ANALYZE").execute(&fleet.pool).await?;
    let folder = tempfile::tempdir()?;
    for format in ["csv", "xlsx"] {
        let out = folder.path().join(format!("figures.{format}"));
        let began = Instant::now();
        let peak = peak_of(&fleet, &out, format).await?;
        let bytes = std::fs::metadata(&out)?.len();
        println!(
            "{format}: {:.1} s, {:.1} MB of file, {peak:.1} MB of memory at most",
            began.elapsed().as_secs_f64(),
            bytes as f64 / 1e6
        );
        ensure!(peak < MOST_MEMORY, "{format}: {peak} MB");
    }
    let mut lines = csv::ReaderBuilder::new()
        .delimiter(b';')
        .from_path(folder.path().join("figures.csv"))?;
    let (mut cells, mut record) = (0, csv::ByteRecord::new());
    while lines.read_byte_record(&mut record)? {
        cells += 1;
    }
    assert_eq!(cells, CELLS);
    read_by_openpyxl(&folder.path().join("figures.xlsx")).await?;
    fleet.remove_database().await
}

/// Has `benches/python/read_xlsx.py` read the workbook, where there is openpyxl.
async fn read_by_openpyxl(file: &Path) -> anyhow::Result<()> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let target = std::env::var_os("CARGO_TARGET_DIR");
    let target = target.map_or_else(|| root.join("target"), |target| root.join(target));
    let python = target.join("bench-venv/bin/python");
    if !python.exists() {
        println!(
            "skipped: no openpyxl, as scripts/bench has not made {}",
            python.display()
        );
        return Ok(());
    }
    let output = Command::new(python)
        .arg(root.join("benches/python/read_xlsx.py"))
        .arg(file)
        .output()
        .await?;
    let told = String::from_utf8_lossy(&output.stdout);
    println!("{told}");
    let error = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{told}{error}");
    Ok(())
}
