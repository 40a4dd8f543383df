//! Many browsers that follow a run.

use std::time::Instant;

use anyhow::Context as _;
use reqwest::Method;
use simulator::{Config, Latency, Seeded};
use tests::{ALL_DONE, Fleet, GOLDEN_ENQUEUE, Web, cpu_seconds};

/// Browsers that follow the run.
const TABS: usize = 200;
/// The most of a core that the page may take meanwhile.
const MOST: f64 = 0.1;

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes a minute: scripts/test --full"]
async fn two_hundred_tabs_cost_less_than_a_tenth_of_a_core() -> anyhow::Result<()> {
    let mut config = Config::seeded(Seeded {
        empreendimentos: 30,
        contratos: 400,
        ..Seeded::default()
    });
    config.latency = Latency {
        base_seconds: 0.5,
        per_in_flight_seconds: 0.03,
    };
    let fleet = Fleet::new(config).await?;
    let web = Web::of(&fleet).await?;
    let pid = web.pid().context("a page")?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let worker = fleet.worker(&[])?;

    let mut tabs = tokio::task::JoinSet::new();
    for _ in 0..TABS {
        let following = web.request(Method::GET, "/live").send().await?;
        tabs.spawn(async move {
            let (mut following, mut heard, mut tail) = (following, 0_u32, Vec::new());
            while let Some(chunk) = following.chunk().await? {
                heard += 1;
                tail.extend_from_slice(&chunk);
                let end = "A execução está completa".as_bytes();
                if tail.windows(end.len()).any(|window| window == end) {
                    break;
                }
                tail.drain(..tail.len().saturating_sub(end.len()));
            }
            anyhow::Ok(heard)
        });
    }
    let (began, before) = (Instant::now(), cpu_seconds(pid)?);
    fleet.until("the run is done", ALL_DONE).await?;
    let seconds = began.elapsed().as_secs_f64();
    let share = (cpu_seconds(pid)? - before) / seconds;
    let mut least = u32::MAX;
    while let Some(heard) = tabs.join_next().await {
        least = least.min(heard??);
    }
    println!(
        "{TABS} tabs for {seconds:.0} s, each told at least {least} times: {:.1} % of a core",
        share * 100.0
    );
    assert!(
        seconds > 10.0 && f64::from(least) > seconds / 2.0,
        "{seconds} {least}"
    );
    assert!(share < MOST, "{share}");
    fleet.retire(worker).await?;
    web.stop().await?;
    fleet.remove().await
}
