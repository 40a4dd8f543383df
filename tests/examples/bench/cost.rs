//! CPU and memory of a worker, beside those of the Python baseline.

use std::path::Path;

use anyhow::ensure;
use tests::{GOLDEN, difference, expected};

use crate::figure::{Figure, median};
use crate::scenario::{Scenario, Used};

/// The volume of a true backfill.
const VOLUME: [&str; 8] = [
    "--empreendimentos",
    "181",
    "--contratos",
    "7200",
    "--parcelas-per-contrato",
    "300",
    "--faturas",
    "8102",
];
/// A tenth of it, for what takes minutes.
const TENTH: [&str; 8] = [
    "--empreendimentos",
    "18",
    "--contratos",
    "720",
    "--parcelas-per-contrato",
    "300",
    "--faturas",
    "810",
];
/// The volume with a million parcelas in one empreendimento.
const MILLION: [&str; 2] = ["--share-of-largest", "0.47"];

const WORKER_RUNS: usize = 5;
const PYTHON_RUNS: usize = 3;
/// Goals, in µs a parcela, times less than Python, and MB.
const CPU_MICROSECONDS: f64 = 2.5;
const TIMES_LESS: f64 = 60.0;
/// What is kept by contrato takes its part.
const PEAK_MB: f64 = 56.0;
/// What memory may grow by in the second half of a run and still be called flat, in MB.
const FLAT_MB: f64 = 2.0;

/// Worker and baseline write the same tables, the golden ones: what follows compares equals.
pub async fn golden(python: &Path) -> anyhow::Result<Vec<Figure>> {
    let data = ["--data", GOLDEN];
    let scenario = Scenario::new(&data).await?;
    scenario.enqueue().await?;
    scenario.work(&[]).await?;
    let wrong = difference(&expected(), &scenario.fleet.tables().await?);
    ensure!(
        wrong.is_empty(),
        "the worker's tables: {}",
        wrong.join("\n")
    );
    scenario.remove().await?;

    let scenario = Scenario::new(&data).await?;
    scenario.python(python).await?;
    let wrong = difference(&expected(), &scenario.fleet.tables().await?);
    ensure!(
        wrong.is_empty(),
        "the baseline's tables: {}",
        wrong.join("\n")
    );
    scenario.remove().await?;
    Ok(vec![Figure {
        what: "rows that differ from the golden tables, worker and Python",
        goal: "0",
        measured: "0".to_owned(),
        holds: Some(true),
        runs: 1,
    }])
}

/// CPU per parcela of both, with bodies as they are and compressed; the worker's memory.
pub async fn cpu(python: &Path) -> anyhow::Result<Vec<Figure>> {
    golden(python).await?;
    let plain = Cost::measured(&["--no-gzip"], python).await?;
    let gzip = Cost::measured(&[], python).await?;
    Ok(vec![
        plain.cpu("worker CPU per parcela"),
        plain.times_less("Python's CPU per parcela ÷ the worker's"),
        gzip.cpu("worker CPU per parcela, bodies gzipped"),
        gzip.times_less("Python's CPU per parcela ÷ the worker's, bodies gzipped"),
        memory_figure(
            "peak memory of a worker, 181 empreendimentos, 2.16 million parcelas, bodies gzipped",
            &gzip.worker,
        ),
        memory_figure(
            "peak memory of a worker, 181 empreendimentos, 2.16 million parcelas",
            &plain.worker,
        ),
        Figure {
            what: "peak memory of the Python baseline, a tenth of the volume",
            goal: "",
            measured: format!("{:.0} MB", plain.python_mb),
            holds: None,
            runs: PYTHON_RUNS,
        },
    ])
}

/// The worker's memory with a million parcelas in one empreendimento.
pub async fn memory() -> anyhow::Result<Vec<Figure>> {
    Ok(vec![
        million(
            "peak memory of a worker, a million parcelas in one empreendimento, bodies gzipped",
            &[],
        )
        .await?,
        million(
            "peak memory of a worker, a million parcelas in one empreendimento",
            &["--no-gzip"],
        )
        .await?,
    ])
}

async fn million(what: &'static str, encoding: &[&str]) -> anyhow::Result<Figure> {
    let mut used = Vec::new();
    for _ in 0..WORKER_RUNS {
        used.push(work(&[&VOLUME[..], &MILLION, encoding].concat()).await?.0);
    }
    Ok(memory_figure(what, &used))
}

/// Runs of worker and baseline.
struct Cost {
    worker: Vec<Used>,
    worker_microseconds: f64,
    python_microseconds: f64,
    python_mb: f64,
}

impl Cost {
    async fn measured(encoding: &[&str], python: &Path) -> anyhow::Result<Self> {
        let (mut worker, mut costs) = (Vec::new(), Vec::new());
        for _ in 0..WORKER_RUNS {
            let (used, records) = work(&[&VOLUME[..], encoding].concat()).await?;
            costs.push(used.cpu_seconds * 1e6 / records);
            worker.push(used);
        }
        let (mut python_costs, mut python_mb) = (Vec::new(), Vec::new());
        for _ in 0..PYTHON_RUNS {
            let scenario = Scenario::new(&[&TENTH[..], encoding].concat()).await?;
            let used = scenario.python(python).await?;
            python_costs.push(used.cpu_seconds * 1e6 / used.parcelas as f64);
            python_mb.push(used.peak_kib * 1024.0 / 1e6);
            scenario.remove().await?;
        }
        Ok(Self {
            worker,
            worker_microseconds: median(costs),
            python_microseconds: median(python_costs),
            python_mb: median(python_mb),
        })
    }

    fn cpu(&self, what: &'static str) -> Figure {
        Figure {
            what,
            goal: "≤ 2.5 µs",
            measured: format!("{:.2} µs", self.worker_microseconds),
            holds: Some(self.worker_microseconds <= CPU_MICROSECONDS),
            runs: WORKER_RUNS,
        }
    }

    fn times_less(&self, what: &'static str) -> Figure {
        let ratio = self.python_microseconds / self.worker_microseconds;
        Figure {
            what,
            goal: "≥ 60",
            measured: format!("{ratio:.0} (Python {:.0} µs)", self.python_microseconds),
            holds: Some(ratio >= TIMES_LESS),
            runs: PYTHON_RUNS,
        }
    }
}

/// One run of a worker, and the records it read.
async fn work(simulator: &[&str]) -> anyhow::Result<(Used, f64)> {
    let scenario = Scenario::new(simulator).await?;
    scenario.enqueue().await?;
    let used = scenario.work(&[]).await?;
    let records = scenario.records_read().await?;
    scenario.remove().await?;
    eprintln!(
        "{records} records, {:.1} s, CPU {:.2} s, {:.2} µs a record, peak {:.1} MB",
        used.seconds,
        used.cpu_seconds,
        used.cpu_seconds * 1e6 / records,
        used.peak_mb
    );
    Ok((used, records))
}

fn memory_figure(what: &'static str, used: &[Used]) -> Figure {
    let of = |value: fn(&Used) -> f64| median(used.iter().map(value).collect());
    let (peak, second, last) = (
        of(|used| used.peak_mb),
        of(|used| used.resident_mb.0),
        of(|used| used.resident_mb.1),
    );
    Figure {
        what,
        goal: "≤ 56 MB, flat",
        measured: format!("{peak:.1} MB ({second:.1} in the 2nd quarter, {last:.1} in the 4th)"),
        holds: Some(peak <= PEAK_MB && last <= second + FLAT_MB),
        runs: used.len(),
    }
}
