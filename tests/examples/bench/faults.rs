//! What a worker does when the ERP is in trouble, and when it is over.

use std::time::Duration;

use serde_json::json;
use simulator::Route;
use tokio::time::{Instant, Interval, interval};

use crate::figure::Figure;
use crate::stage::Stage;

/// Enough work to last through the trouble and its end.
const WORK: [&str; 9] = [
    "--empreendimentos",
    "12",
    "--contratos",
    "1200",
    "--parcelas-per-contrato",
    "20",
    "--faturas",
    "0",
    "--measured-latency",
];
const WARM_UP: Duration = Duration::from_secs(30);
const TROUBLE: Duration = Duration::from_secs(20);
/// How long a figure before and after is averaged over.
const WINDOW: Duration = Duration::from_secs(5);
const LOOK_EVERY: Duration = Duration::from_millis(100);
/// Longest that a recovery is watched for.
const PATIENCE: Duration = Duration::from_secs(60);
/// Goals: calls fall to this part, within so long; throughput is back at this part within so long.
const FALL_TO: f64 = 0.25;
const FALL_SECONDS: f64 = 5.0;
const BACK_TO: f64 = 0.9;
const BACK_SECONDS: f64 = 30.0;

/// 503 to every call, and latency tenfold.
pub async fn both() -> anyhow::Result<Vec<Figure>> {
    let refused = Trouble::Refused.watched().await?;
    let slow = Trouble::Slow.watched().await?;
    Ok(vec![
        refused
            .figure("the ERP answers 503 for 20 s: calls in flight at a quarter, throughput back"),
        slow.figure(
            "its latency is tenfold for 20 s: calls in flight at a quarter, throughput back",
        ),
    ])
}

#[derive(Clone, Copy)]
enum Trouble {
    Refused,
    Slow,
}

/// Seconds until calls fell and throughput was back; `None` for never.
struct Reaction {
    fell_after: Option<f64>,
    back_after: Option<f64>,
}

impl Trouble {
    async fn watched(self) -> anyhow::Result<Reaction> {
        let stage = Stage::new(&WORK).await?;
        stage.enqueue().await?;
        let worker = stage.worker("worker", &[])?;
        let mut watch = Watch::new(&stage);
        watch.through(WARM_UP).await?;
        let (in_flight_before, rate_before) = (watch.mean_in_flight(), watch.rate());

        self.begin(&stage).await?;
        let began = Instant::now();
        let mut fell_after = None;
        while began.elapsed() < TROUBLE {
            watch.look().await?;
            if watch.in_flight() <= in_flight_before * FALL_TO {
                fell_after = fell_after.or(Some(began.elapsed().as_secs_f64()));
            }
        }
        self.end(&stage).await?;
        let ended = Instant::now();
        let mut back_after = None;
        while back_after.is_none() && ended.elapsed() < PATIENCE {
            watch.look().await?;
            // Only a window that lies after the end tells about the time after it.
            if ended.elapsed() >= WINDOW && watch.rate() >= rate_before * BACK_TO {
                back_after = Some(ended.elapsed().as_secs_f64());
            }
        }
        // Fails when a job failed.
        stage.until_done().await?;
        stage.fleet.retire(worker).await?;
        stage.remove().await?;
        Ok(Reaction {
            fell_after,
            back_after,
        })
    }

    async fn begin(self, stage: &Stage) -> anyhow::Result<()> {
        match self {
            Self::Refused => {
                let kind = json!({"status": {"code": 503, "retry_after_seconds": 2}});
                stage.control("faults", &json!([{ "kind": kind }])).await
            }
            Self::Slow => set_latency(stage, 10.0).await,
        }
    }

    async fn end(self, stage: &Stage) -> anyhow::Result<()> {
        match self {
            Self::Refused => stage.clear_faults().await,
            Self::Slow => set_latency(stage, 1.0).await,
        }
    }
}

async fn set_latency(stage: &Stage, times: f64) -> anyhow::Result<()> {
    let latency = json!({
        "base_seconds": 1.17 * times,
        "per_in_flight_seconds": 0.0958 * times,
    });
    stage.control("latency", &latency).await
}

/// The ERP's counters over time.
struct Watch<'a> {
    stage: &'a Stage,
    ticks: Interval,
    /// When, parcelas calls so far, and calls in flight.
    looks: Vec<(Instant, u64, u64)>,
}

impl<'a> Watch<'a> {
    fn new(stage: &'a Stage) -> Self {
        Self {
            stage,
            ticks: interval(LOOK_EVERY),
            looks: Vec::new(),
        }
    }

    async fn look(&mut self) -> anyhow::Result<()> {
        self.ticks.tick().await;
        let counters = self.stage.counters().await?;
        let calls = counters.calls_of(Route::DadosParcelas);
        self.looks.push((Instant::now(), calls, counters.in_flight));
        Ok(())
    }

    async fn through(&mut self, time: Duration) -> anyhow::Result<()> {
        let began = Instant::now();
        while began.elapsed() < time {
            self.look().await?;
        }
        Ok(())
    }

    fn in_flight(&self) -> f64 {
        self.looks.last().map_or(0.0, |look| look.2 as f64)
    }

    fn mean_in_flight(&self) -> f64 {
        let recent = self.recent();
        recent.iter().map(|look| look.2 as f64).sum::<f64>() / recent.len() as f64
    }

    /// Calls a second.
    fn rate(&self) -> f64 {
        let recent = self.recent();
        let (Some(first), Some(last)) = (recent.first(), recent.last()) else {
            return 0.0;
        };
        (last.1 - first.1) as f64 / (last.0 - first.0).as_secs_f64()
    }

    /// The looks of the last [`WINDOW`].
    fn recent(&self) -> &[(Instant, u64, u64)] {
        let from = self.looks.partition_point(|look| look.0.elapsed() > WINDOW);
        &self.looks[from..]
    }
}

impl Reaction {
    fn figure(&self, what: &'static str) -> Figure {
        let seconds =
            |time: Option<f64>| time.map_or("not at all".to_owned(), |time| format!("{time:.1} s"));
        Figure {
            what,
            goal: "≤ 5 s, ≤ 30 s, no job fails",
            measured: format!(
                "{}, {}, none failed",
                seconds(self.fell_after),
                seconds(self.back_after)
            ),
            holds: Some(
                self.fell_after.is_some_and(|time| time <= FALL_SECONDS)
                    && self.back_after.is_some_and(|time| time <= BACK_SECONDS),
            ),
            runs: 1,
        }
    }
}
