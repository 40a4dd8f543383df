//! `serve`: a worker, the schedules and the page, until asked to stop.

use std::sync::Arc;
use std::time::Duration;

use anyhow::anyhow;
use domain::fleet::DEAD_AFTER;
use domain::ledger::WorkerId;
use mega::MegaClient;
use producer::broker::Broker;
use producer::console::Console;
use producer::error::CommandError;
use producer::exit::Exit;
use producer::housekeeping::{Housekeeping, HousekeepingConfig};
use producer::publish::{Enqueuer, Publishing};
use producer::schedule::Scheduler;
use producer::services::{on_signal, open, settings};
use standalone::cli::ServeArgs;
use store::{RunFilter, Store};
use tokio::time::{MissedTickBehavior, interval, sleep, timeout};
use tokio_util::sync::CancellationToken;
use web::cli::PageArgs;
use web::door::Door;
use web::serve::{Site, serve as show};
use worker::Worker;

use crate::commands::database_and_erp;
use crate::engine::{serving, worker};

/// How often the ledger is asked for jobs that other commands have recorded.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);
/// Runs with open jobs, at most.
const NEWEST_RUNS: u32 = 60;

/// Works on what the ledger has open, begins runs by the clock, and shows the page, until SIGTERM or
/// SIGINT.
///
/// # Errors
/// When the settings are wrong, the database is away, the page's address is taken, or another `serve`
/// is alive.
pub async fn run(console: &mut Console<'_>, args: &ServeArgs) -> Result<Exit, CommandError> {
    let stop = on_signal()?;
    let (url, mega) = database_and_erp(console.program(), &args.work)?;
    let (door, housekeeping) = settings(|source| {
        let door = args.page.door(source);
        door.zip(HousekeepingConfig::read(source))
    })?;
    let store = open(&url).await?;
    alone(&*store).await?;
    let mega = MegaClient::new(mega, store.clone())?;
    let worker = worker(WorkerId::of_this_serving_process(), store, mega, &args.work)?;
    let (store, broker) = (
        Arc::clone(&worker.store),
        Broker::InProcess(Arc::clone(&worker.queue)),
    );
    let housekeeping = Housekeeping::new(housekeeping, console.program(), store, broker)?;
    let stop = stop.child_token();
    let keeping = tokio::spawn(housekeeping.run(stop.clone()));
    let ended = work_and_show(console, worker, &args.page, door, stop.clone()).await;
    stop.cancel();
    keeping.await.expect("the housekeeping does not panic");
    ended
}

/// Waits for a `serve` that has died and still passes for alive.
async fn alone(store: &dyn Store) -> Result<(), CommandError> {
    let other = async {
        while let Some(other) = serving(store).await? {
            tracing::warn!("mega-sync serve is or was alive on this database: {other}");
            sleep(BETWEEN_LOOKS).await;
        }
        Ok(())
    };
    // Somewhat longer than a dead one is taken for alive.
    match timeout(DEAD_AFTER + 5 * BETWEEN_LOOKS, other).await {
        Ok(gone) => gone,
        Err(_) => Err(anyhow!("another mega-sync serve works on this database").into()),
    }
}

/// Works, begins runs by the clock, and shows the page until `stop`, then drains.
///
/// # Errors
/// When the page's address is taken, or the network fails.
pub async fn work_and_show(
    console: &mut Console<'_>,
    worker: Arc<Worker>,
    page: &PageArgs,
    door: Option<Door>,
    stop: CancellationToken,
) -> Result<Exit, CommandError> {
    let broker = Broker::InProcess(Arc::clone(&worker.queue));
    let scheduler = Scheduler {
        store: Arc::clone(&worker.store),
        broker: broker.clone(),
        erp: worker.mega.clone(),
    };
    let site = Site {
        store: Arc::clone(&worker.store),
        broker: (!page.read_only).then_some(broker),
        erp: Some(worker.mega.clone()),
        door,
    };
    // What ends first ends the others.
    let stop = stop.child_token();
    let working = tokio::spawn(worker::run(Arc::clone(&worker), stop.clone()));
    let taking = tokio::spawn(take_open_jobs(worker, stop.clone()));
    let scheduling = tokio::spawn(scheduler.run(stop.clone()));
    let listening = |address| console.narrate(&format!("http://{address}/"));
    let shown = show(site, page.listen, listening, stop.clone()).await;
    stop.cancel();
    taking.await.expect("taking jobs does not panic");
    scheduling.await.expect("the scheduler does not panic");
    working.await.expect("the consume loop does not panic")?;
    shown?;
    Ok(Exit::Done)
}

/// Puts the open jobs of the ledger into the queue of this process: those that other commands record, and
/// once, when no other worker has them, those that an earlier process left.
async fn take_open_jobs(worker: Arc<Worker>, stop: CancellationToken) {
    let mut ticks = interval(BETWEEN_LOOKS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut left_behind = true;
    loop {
        tokio::select! {
            _ = ticks.tick() => {}
            () = stop.cancelled() => return,
        }
        match look(&worker, left_behind).await {
            Ok(alone) => left_behind &= !alone,
            Err(error) => tracing::warn!("the ledger's open jobs are not known: {error}"),
        }
    }
}

/// Tells whether what an earlier process left is taken.
async fn look(worker: &Worker, left_behind: bool) -> Result<bool, CommandError> {
    let store: &dyn Store = worker.store.as_ref();
    let others = store.fleet().await?;
    let alone = others.iter().all(|other| other.id == worker.id);
    let enqueuer = Enqueuer {
        store,
        queue: worker.queue.as_ref(),
        publishing: match left_behind && alone {
            true => Publishing::All,
            false => Publishing::Missing,
        },
    };
    let newest = store
        .recent_runs(RunFilter::Open, None, NEWEST_RUNS)
        .await?;
    // In the order in which they were asked for.
    for run in newest.iter().rev() {
        enqueuer.publish_unfinished(&run.run.id).await?;
    }
    Ok(alone)
}
