//! A worker that is asked to stop ends in time, whatever the database does.

use std::time::Duration;

use anyhow::Context as _;
use simulator::{Route, Selector};
use tests::{Fleet, GOLDEN, Process, Proxy, difference, expected};

use crate::{ALL_DONE, GOLDEN_ENQUEUE};

/// Seconds that jobs in hand get.
const DRAIN: &str = "2";
/// The drain, 5 s to give back and to note the stop, and what a busy machine adds; less than the 20 s
/// for which the database's own timeouts would hold a worker.
const IN_TIME: Duration = Duration::from_secs(18);

/// A database that is away, one way or the other.
#[derive(Clone, Copy)]
enum Away {
    Refusing,
    Silent,
}

impl Away {
    fn begin(self, database: &Proxy) {
        match self {
            Self::Refusing => database.down(),
            Self::Silent => database.silence(),
        }
    }
}

async fn behind_a_proxy(fleet: &Fleet) -> anyhow::Result<(Proxy, Process)> {
    let url = fleet.variable("DATABASE_URL").context("a database")?;
    let database = Proxy::to(&url, 5432).await?;
    let environment = [("DATABASE_URL", database.url())];
    let arguments = ["--jobs-at-once", "9", "--drain-timeout", DRAIN];
    let worker = fleet.worker_as("stopped", &arguments, &environment)?;
    Ok((database, worker))
}

async fn ends_in_time(fleet: &Fleet, mut worker: Process) -> anyhow::Result<()> {
    worker.signal("TERM").await?;
    let ended = tokio::time::timeout(IN_TIME, worker.ended()).await;
    let log = fleet.log_of("stopped")?;
    assert_eq!(ended.with_context(|| log)??, Some(0));
    Ok(())
}

async fn with_jobs_in_hand(away: Away) -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.erp.gate(Selector::route(Route::DadosParcelas));
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let (database, worker) = behind_a_proxy(&fleet).await?;
    fleet.erp.wait_for_calls(Route::DadosParcelas, 1).await;
    away.begin(&database);
    ends_in_time(&fleet, worker).await?;

    fleet.erp.open_gates();
    let other = fleet.worker(&[])?;
    fleet.until("the run is done", ALL_DONE).await?;
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    fleet.until_drained().await?;
    fleet.retire(other).await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn with_jobs_in_hand_and_a_database_that_refuses() -> anyhow::Result<()> {
    with_jobs_in_hand(Away::Refusing).await
}

#[tokio::test(flavor = "multi_thread")]
async fn with_jobs_in_hand_and_a_database_that_is_silent() -> anyhow::Result<()> {
    with_jobs_in_hand(Away::Silent).await
}

#[tokio::test(flavor = "multi_thread")]
async fn with_nothing_in_hand_and_a_database_that_is_away() -> anyhow::Result<()> {
    for away in [Away::Refusing, Away::Silent] {
        let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
        let (database, worker) = behind_a_proxy(&fleet).await?;
        fleet.until_logged("stopped", "working").await?;
        away.begin(&database);
        ends_in_time(&fleet, worker).await?;
        fleet.remove().await?;
    }
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn while_it_starts_and_the_database_is_silent() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let url = fleet.variable("DATABASE_URL").context("a database")?;
    let database = Proxy::to(&url, 5432).await?;
    database.silence();
    let environment = [("DATABASE_URL", database.url())];
    let worker = fleet.worker_as("stopped", &[], &environment)?;
    database.connected().await?;
    ends_in_time(&fleet, worker).await?;
    fleet.remove().await
}
