//! Many browsers that follow a run.

use std::time::Instant;

use anyhow::Context as _;
use reqwest::{Method, Response};
use simulator::{Config, Latency, Seeded};
use sqlx::PgPool;
use tests::{ALL_DONE, Fleet, GOLDEN, GOLDEN_ENQUEUE, Web, cpu_seconds, until};

/// Browsers that follow the run.
const TABS: usize = 200;
/// The most of a core that the page may take meanwhile.
const MOST: f64 = 0.1;

/// Browsers that follow a run of which nothing is done.
const IDLE_TABS: usize = 50;
/// Events that one of them hears: a look at the ledger each, because a run's duration is told.
const LOOKS: usize = 10;

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

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes half a minute: scripts/test --full"]
async fn fifty_tabs_ask_the_database_no_more_than_one() -> anyhow::Result<()> {
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    // Nothing is left for the server to vacuum meanwhile, which would count as well.
    let vacuuming = fleet.in_path("public").await?;
    sqlx::raw_sql("VACUUM (ANALYZE)")
        .execute(&vacuuming)
        .await?;
    vacuuming.close().await;
    let transactions = Transactions::of(&fleet).await?;
    let by_one = transactions.while_followed(&fleet, 1).await?;
    let by_many = transactions.while_followed(&fleet, IDLE_TABS).await?;
    println!("{LOOKS} looks: {by_one} transactions of one tab, {by_many} of {IDLE_TABS}");
    // A look is several transactions, each of one query.
    assert!(by_one > LOOKS as i64, "{by_one}");
    // Both times as many looks are heard of, and starting costs the same. A look or two more are made
    // while tabs are opened and closed, and one that falls into the same second as the last is not told. A
    // second watcher would double them; one for each tab would make fifty times as many.
    assert!(by_many * 2 <= by_one * 3, "{by_one} {by_many}");
    transactions.pool.close().await;
    fleet.remove().await
}

/// The transactions that the server counts in a fleet's database.
struct Transactions {
    /// Of another database, where asking does not count.
    pool: PgPool,
    database: String,
}

impl Transactions {
    async fn of(fleet: &Fleet) -> anyhow::Result<Self> {
        let database = sqlx::query_scalar("SELECT current_database()::text");
        Ok(Self {
            pool: PgPool::connect(&std::env::var("DATABASE_URL")?).await?,
            database: database.fetch_one(&fleet.pool).await?,
        })
    }

    /// How many a page makes, from its start to its end, while so many tabs follow the newest run and the
    /// first of them hears [`LOOKS`] events.
    async fn while_followed(&self, fleet: &Fleet, tabs: usize) -> anyhow::Result<i64> {
        let before = self.counted(fleet).await?;
        let web = Web::of(fleet).await?;
        let mut following = Vec::new();
        for _ in 0..tabs {
            following.push(web.request(Method::GET, "/live").send().await?);
        }
        let hearing = hears_looks(following.first_mut().context("a tab")?);
        let heard = tokio::time::timeout(tests::LONGEST_WAIT, hearing).await;
        heard.context("the events do not come")??;
        drop(following);
        web.stop().await?;
        Ok(self.counted(fleet).await? - before)
    }

    /// How many there have been, as soon as the test's own idle connections alone are open: the server
    /// counts what a connection did at the latest when it ends, before it is listed no more.
    async fn counted(&self, fleet: &Fleet) -> anyhow::Result<i64> {
        let open = "SELECT COUNT(*) FROM pg_stat_activity
                    WHERE datname = $1 AND backend_type = 'client backend'";
        until("nobody else is connected", async || {
            let open = sqlx::query_scalar(open).bind(&self.database);
            let open: i64 = open.fetch_one(&self.pool).await?;
            Ok(open == i64::from(fleet.pool.size()))
        })
        .await?;
        let counted = "SELECT xact_commit FROM pg_stat_database WHERE datname = $1";
        let counted = sqlx::query_scalar(counted).bind(&self.database);
        Ok(counted.fetch_one(&self.pool).await?)
    }
}

/// Reads [`LOOKS`] events.
async fn hears_looks(tab: &mut Response) -> anyhow::Result<()> {
    let mut heard: Vec<u8> = Vec::new();
    // An event ends with an empty line, and has none.
    while heard.windows(2).filter(|pair| *pair == b"\n\n").count() < LOOKS {
        heard.extend(tab.chunk().await?.context("the stream has ended")?);
    }
    Ok(())
}
