//! Cash out of a hundred thousand faturas.

use std::time::Duration;

use anyhow::ensure;
use simulator::Route;
use tokio::time::Instant;

use crate::figure::{Figure, median};
use crate::scenario::Scenario;

/// Three years of payables, of which the window takes two.
const PAYABLES: [&str; 7] = [
    "--empreendimentos",
    "23",
    "--contratos",
    "0",
    "--faturas",
    "152500",
    "--no-gzip",
];
/// Two years, asked for in two periods, and each then for its control total.
const START: &str = "2024-11-23";
const PERIODS: u64 = 2;
const LOOK_EVERY: Duration = Duration::from_millis(5);
const RUNS: usize = 5;
const SECONDS: f64 = 3.0;
/// As for every other run.
const PEAK_MB: f64 = 48.0;

/// Time from the last byte to the end of the commit, and the worker's memory.
pub async fn hundred_thousand() -> anyhow::Result<Vec<Figure>> {
    let (mut seconds, mut peaks_mb, mut of) = (Vec::new(), Vec::new(), String::new());
    for _ in 0..RUNS {
        let scenario = Scenario::new(&PAYABLES).await?;
        scenario.enqueue_from(START).await?;
        let (used, last_byte) = tokio::try_join!(scenario.work(&[]), last_byte(&scenario))?;
        let after_last_byte = (used.done - last_byte).as_secs_f64();
        let (faturas, keys): (i64, i64) = sqlx::query_as(
            "SELECT (SELECT COUNT(*) FROM faturas_pagar), (SELECT COUNT(*) FROM saidas_caixa)",
        )
        .fetch_one(&scenario.fleet.pool)
        .await?;
        ensure!(faturas > 90_000, "only {faturas} faturas");
        of = format!("{keys} keys from {faturas} faturas");
        eprintln!("{of}: {:.2} s, {:.1} MB", after_last_byte, used.peak_mb);
        seconds.push(after_last_byte);
        peaks_mb.push(used.peak_mb);
        scenario.remove().await?;
    }
    let (seconds, peak_mb) = (median(seconds), median(peaks_mb));
    Ok(vec![
        Figure {
            what: "cash out: from the last byte to the commit",
            goal: "≤ 3 s",
            measured: format!("{seconds:.2} s ({of})"),
            holds: Some(seconds <= SECONDS),
            runs: RUNS,
        },
        Figure {
            what: "cash out: peak memory of the worker",
            goal: "≤ 48 MB",
            measured: format!("{peak_mb:.1} MB"),
            holds: Some(peak_mb <= PEAK_MB),
            runs: RUNS,
        },
    ])
}

/// When the ERP had sent the last answer.
async fn last_byte(scenario: &Scenario) -> anyhow::Result<Instant> {
    let mut ticks = tokio::time::interval(LOOK_EVERY);
    loop {
        ticks.tick().await;
        let counters = scenario.counters().await?;
        if counters.calls_of(Route::FaturaPagarEmAberto) == PERIODS && counters.in_flight == 0 {
            return Ok(Instant::now());
        }
    }
}
