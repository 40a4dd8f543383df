//! How fast work goes: against the ERP's ceiling, with more workers, with one large job.

use std::path::Path;

use crate::figure::{Figure, median};
use crate::scenario::Scenario;

/// Contracts a second that the live service answers, however many calls are open.
const CEILING: f64 = 10.44;
const CEILING_CONTRATOS: f64 = 600.0;
const CEILING_GOAL: f64 = 80.0;
/// 600 contratos in 12 empreendimentos, as slow as the live service.
const AS_MEASURED: [&str; 9] = [
    "--empreendimentos",
    "12",
    "--contratos",
    "600",
    "--parcelas-per-contrato",
    "60",
    "--faturas",
    "0",
    "--measured-latency",
];

/// Calls take a quarter of a second however many there are, so that two cores are enough for the
/// work of 64 at once and waiting is what more workers share. As many contratos as the portfolio has
/// that this is built for: the climb and the last calls take the same time in a short run.
const LATENCY_SECONDS: f64 = 0.25;
/// Of each worker.
const CALLS_AT_ONCE: usize = 16;
const SHARED_WORK: [&str; 10] = [
    "--empreendimentos",
    "181",
    "--contratos",
    "7200",
    "--parcelas-per-contrato",
    "20",
    "--faturas",
    "0",
    "--latency-base",
    "0.25",
];
const TIMES_FASTER: f64 = 3.8;
const OVER_IDEAL: f64 = 1.15;
const RUNS: usize = 3;

/// The share of the ERP's ceiling that a cold start reaches; the time counts from the start of the
/// process.
pub async fn ceiling(python: &Path) -> anyhow::Result<Vec<Figure>> {
    let share = |seconds: f64| CEILING_CONTRATOS / seconds / CEILING * 100.0;
    let (mut shares, mut most) = (Vec::new(), 0);
    for _ in 0..RUNS {
        let scenario = Scenario::new(&AS_MEASURED).await?;
        scenario.enqueue().await?;
        shares.push(share(scenario.work(&[]).await?.seconds));
        most = most.max(scenario.counters().await?.peak_in_flight);
        scenario.remove().await?;
    }
    let worker = median(shares);

    let scenario = Scenario::new(&AS_MEASURED).await?;
    let baseline = share(scenario.python(python).await?.seconds);
    scenario.remove().await?;
    Ok(vec![
        Figure {
            what: "share of the ERP's ceiling of 10.44 contratos/s, default settings, 600 contratos",
            goal: "≥ 80 %",
            measured: format!("{worker:.0} % (at most {most} calls in flight)"),
            holds: Some(worker >= CEILING_GOAL),
            runs: RUNS,
        },
        Figure {
            what: "the same by the Python baseline with its 16 threads",
            goal: "",
            measured: format!("{baseline:.0} %"),
            holds: None,
            runs: 1,
        },
    ])
}

/// Four workers against one, and the length of a run in which one job is 30 % of the work.
pub async fn workers() -> anyhow::Result<Vec<Figure>> {
    let even = ["--share-of-largest", "0"];
    let one = repeated(1, &even).await?;
    let four = repeated(4, &even).await?;
    let skewed = ["--share-of-largest", "0.3"];
    let one_skewed = repeated(1, &skewed).await?;
    let four_skewed = repeated(4, &skewed).await?;
    let faster = one.seconds / four.seconds;
    Ok(vec![
        Figure {
            what: "4 workers against 1, calls of 0.25 s without contention",
            goal: "≥ 3.8 times",
            measured: format!(
                "{faster:.2} times ({:.1} s, {:.1} s)",
                one.seconds, four.seconds
            ),
            holds: Some(faster >= TIMES_FASTER),
            runs: RUNS,
        },
        over_ideal(
            "length of a run ÷ ideal, 30 % of the contratos in one empreendimento, 1 worker",
            &one_skewed,
        ),
        over_ideal(
            "the same with 4 workers, of which one has those 30 % alone",
            &four_skewed,
        ),
    ])
}

/// How long a run took, and would at best.
struct Length {
    seconds: f64,
    ideal_seconds: f64,
}

fn over_ideal(what: &'static str, length: &Length) -> Figure {
    let ratio = length.seconds / length.ideal_seconds;
    Figure {
        what,
        goal: "≤ 1.15",
        measured: format!(
            "{ratio:.2} ({:.1} s, ideal {:.1} s)",
            length.seconds, length.ideal_seconds
        ),
        holds: Some(ratio <= OVER_IDEAL),
        runs: RUNS,
    }
}

/// The same run several times; from the first claim to the last commit.
async fn repeated(workers: usize, share: &[&str]) -> anyhow::Result<Length> {
    let (mut seconds, mut ideal_seconds) = (Vec::new(), 0.0);
    for _ in 0..RUNS {
        let scenario = Scenario::new(&[&SHARED_WORK[..], share].concat()).await?;
        // The ledger must be there, and the workers waiting, when the first job is published.
        scenario.fleet.producer_exits(0, &["migrate"]).await?;
        let calls_at_once = CALLS_AT_ONCE * workers;
        let total = calls_at_once.to_string();
        let mut fleet = Vec::new();
        for index in 0..workers {
            let worker =
                scenario.worker(&format!("worker-{index}"), &["--http-concurrency", &total])?;
            fleet.push(worker);
        }
        for index in 0..workers {
            let name = format!("worker-{index}");
            scenario.fleet.until_logged(&name, "working").await?;
            // Those that came first know of the others with their next heartbeat.
            let shared = format!(" workers={workers}");
            scenario.fleet.until_logged(&name, &shared).await?;
        }
        scenario.enqueue().await?;
        scenario.until_done().await?;
        let took = scenario.claim_to_commit_seconds().await?;
        let calls: u64 = scenario.counters().await?.calls.values().sum();
        ideal_seconds = calls as f64 * LATENCY_SECONDS / calls_at_once as f64;
        eprintln!("workers={workers} {share:?}: {took:.2} s, ideal {ideal_seconds:.2} s");
        seconds.push(took);
        for worker in fleet {
            scenario.fleet.retire(worker).await?;
        }
        scenario.remove().await?;
    }
    Ok(Length {
        seconds: median(seconds),
        ideal_seconds,
    })
}
