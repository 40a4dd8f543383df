//! What a worker does when the ERP is in trouble, and when it is over.

use std::net::TcpListener;
use std::time::Duration;

use anyhow::Context as _;
use serde_json::json;
use tokio::time::{Instant, Interval, interval};

use crate::figure::Figure;
use crate::scenario::Scenario;

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
/// A look also asks the worker, which then asks broker and database.
const LOOK_EVERY: Duration = Duration::from_millis(250);
/// The worker's limit of calls in flight, and its calls that were answered, as its metrics call them.
const LIMIT: &str = "mega_sync_http_limit ";
const ANSWERED: &str = r#"mega_sync_erp_calls_total{route="DadosParcelas",status="200"} "#;
/// Longest that a recovery is watched for.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// Goals: calls in flight fall to this part, within so long; throughput is back at this part within so long.
const FALL_TO: f64 = 0.25;
const FALL_SECONDS: f64 = 5.0;
const BACK_TO: f64 = 0.9;
const BACK_SECONDS: f64 = 30.0;

/// 503 to every call, and latency tenfold.
pub async fn both() -> anyhow::Result<Vec<Figure>> {
    let refused = Trouble::Refused.watched().await?;
    let slow = Trouble::Slow.watched().await?;
    Ok(vec![
        refused.figure("the ERP answers 503 for 20 s: calls in flight at a quarter, throughput back"),
        slow.figure(
            "it gets on at a tenth of its speed for 20 s: calls in flight at a quarter, throughput back",
        ),
    ])
}

#[derive(Clone, Copy)]
enum Trouble {
    Refused,
    Slow,
}

/// Seconds until the worker's limit fell, the calls that the ERP has in flight with it, and throughput
/// was back; `None` for never.
struct Reaction {
    limit_fell_after: Option<f64>,
    calls_fell_after: Option<f64>,
    back_after: Option<f64>,
}

impl Trouble {
    async fn watched(self) -> anyhow::Result<Reaction> {
        let scenario = Scenario::new(&WORK).await?;
        scenario.enqueue().await?;
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?.to_string();
        let worker = scenario.worker("worker", &["--listen", &address])?;
        scenario.fleet.until_logged("worker", "working").await?;
        let mut watch = Watch::new(&scenario, &address);
        watch.through(WARM_UP).await?;
        let (before, rate_before) = (watch.mean(), watch.rate());

        self.begin(&scenario).await?;
        let began = Instant::now();
        let (mut limit_fell_after, mut calls_fell_after) = (None, None);
        while began.elapsed() < TROUBLE {
            let look = watch.look().await?;
            let after = Some(began.elapsed().as_secs_f64());
            if look.limit <= before.limit * FALL_TO {
                limit_fell_after = limit_fell_after.or(after);
            }
            // Calls come whole: a quarter of 95.8 is 24.
            if look.in_flight <= (before.in_flight * FALL_TO).round() {
                calls_fell_after = calls_fell_after.or(after);
            }
        }
        self.end(&scenario).await?;
        let ended = Instant::now();
        let mut back_after = None;
        while back_after.is_none() && ended.elapsed() < LONGEST_WAIT {
            watch.look().await?;
            // Only a window that lies after the end tells about the time after it.
            if ended.elapsed() >= WINDOW && watch.rate() >= rate_before * BACK_TO {
                back_after = Some(ended.elapsed().as_secs_f64());
            }
        }
        // Fails when a job failed.
        scenario.until_done().await?;
        scenario.fleet.retire(worker).await?;
        scenario.remove().await?;
        Ok(Reaction {
            limit_fell_after,
            calls_fell_after,
            back_after,
        })
    }

    async fn begin(self, scenario: &Scenario) -> anyhow::Result<()> {
        match self {
            Self::Refused => {
                let kind = json!({"status": {"code": 503, "retry_after_seconds": 2}});
                scenario.control("faults", &json!([{ "kind": kind }])).await
            }
            Self::Slow => set_slowness(scenario, 10.0).await,
        }
    }

    async fn end(self, scenario: &Scenario) -> anyhow::Result<()> {
        match self {
            Self::Refused => scenario.clear_faults().await,
            Self::Slow => set_slowness(scenario, 1.0).await,
        }
    }
}

async fn set_slowness(scenario: &Scenario, times: f64) -> anyhow::Result<()> {
    scenario
        .control("slowness", &json!({ "times": times }))
        .await
}

/// The ERP's counters and the worker's limit over time.
struct Watch<'a> {
    scenario: &'a Scenario,
    metrics: String,
    ticks: Interval,
    looks: Vec<Look>,
}

#[derive(Clone, Copy)]
struct Look {
    at: Instant,
    /// Parcelas calls answered so far.
    answered: f64,
    in_flight: f64,
    limit: f64,
}

impl<'a> Watch<'a> {
    fn new(scenario: &'a Scenario, worker: &str) -> Self {
        Self {
            scenario,
            metrics: format!("http://{worker}/metrics"),
            ticks: interval(LOOK_EVERY),
            looks: Vec::new(),
        }
    }

    async fn look(&mut self) -> anyhow::Result<Look> {
        self.ticks.tick().await;
        let counters = self.scenario.counters().await?;
        let metrics = reqwest::get(&self.metrics).await?.text().await?;
        let told = |name: &str| metrics.lines().find_map(|line| line.strip_prefix(name));
        let look = Look {
            at: Instant::now(),
            answered: told(ANSWERED).unwrap_or("0").parse()?,
            in_flight: counters.in_flight as f64,
            limit: told(LIMIT).context("the worker tells no limit")?.parse()?,
        };
        self.looks.push(look);
        Ok(look)
    }

    async fn through(&mut self, time: Duration) -> anyhow::Result<()> {
        let began = Instant::now();
        while began.elapsed() < time {
            self.look().await?;
        }
        Ok(())
    }

    /// The latest look, with the mean of the limit and of the calls in flight.
    fn mean(&self) -> Look {
        let recent = self.recent();
        let mean = |of: fn(&Look) -> f64| recent.iter().map(of).sum::<f64>() / recent.len() as f64;
        Look {
            in_flight: mean(|look| look.in_flight),
            limit: mean(|look| look.limit),
            ..recent[recent.len() - 1]
        }
    }

    /// Answers a second.
    fn rate(&self) -> f64 {
        let recent = self.recent();
        let (Some(first), Some(last)) = (recent.first(), recent.last()) else {
            return 0.0;
        };
        (last.answered - first.answered) / (last.at - first.at).as_secs_f64()
    }

    /// The looks of the last [`WINDOW`].
    fn recent(&self) -> &[Look] {
        let from = self
            .looks
            .partition_point(|look| look.at.elapsed() > WINDOW);
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
                "{} (the limit: {}), {}, none failed",
                seconds(self.calls_fell_after),
                seconds(self.limit_fell_after),
                seconds(self.back_after)
            ),
            holds: Some(
                self.calls_fell_after
                    .is_some_and(|time| time <= FALL_SECONDS)
                    && self.back_after.is_some_and(|time| time <= BACK_SECONDS),
            ),
            runs: 1,
        }
    }
}
