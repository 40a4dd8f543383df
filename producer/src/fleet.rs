//! The commands of `producer`, over the broker of a fleet.

use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use clap::CommandFactory as _;
use mega::{MegaClient, MegaConfig};
use queue::BrokerConfig;
use queue::amqp::AmqpQueue;
use runtime::environment::Source;
use secrecy::SecretString;
use store::Store;

use crate::broker::Broker;
use crate::cli::{
    BackfillArgs, Cli, Command, FleetScheduleCommand, PruneArgs, RequeueArgs, ResumeArgs,
};
use crate::commands::{self, common};
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::follow;
use crate::housekeeping::{Housekeeping, HousekeepingConfig};
use crate::plan::Request;
use crate::program::Program;
use crate::publish::{Enqueuer, Publishing};
use crate::report::find_run;
use crate::schedule::Scheduler;
use crate::services::{database, on_signal, open, settings, start_log};

/// Runs a command of `producer`.
///
/// # Errors
/// As the command; and when the settings are wrong, or the database or the broker is away.
pub async fn run(console: &mut Console<'_>, command: Command) -> Result<Exit, CommandError> {
    if command.needs_log() {
        start_log()?;
    }
    match command {
        Command::Backfill(args) => backfill(console, &args).await,
        Command::Requeue(args) => requeue(console, &args).await,
        Command::Resume(args) => resume(console, &args).await,
        Command::Schedule(command) => schedule(console, &command).await,
        Command::Prune(args) => prune(console, &args).await,
        Command::Common(command) => common(console, command, Cli::command()).await,
    }
}

async fn backfill(console: &mut Console<'_>, args: &BackfillArgs) -> Result<Exit, CommandError> {
    let now = Utc::now();
    let request = Request::resolve(args, now)?;
    let program = console.program();
    let ((url, broker), mega) = settings(|source| {
        let url = program.database_url(source);
        let broker = broker_unless(args.dry_run, source);
        // One call is all that a producer asks of the ERP.
        url.zip(broker).zip(MegaConfig::read(source, 1))
    })?;
    let Some(broker) = broker else {
        commands::backfill::dry_run(console, &url, mega, &request).await?;
        return Ok(Exit::Done);
    };
    let store = open(&url).await?;
    let catalogue = MegaClient::new(mega, store.clone())?.catalogue().await?;
    let plan = commands::backfill::plan(&*store, &request, catalogue).await?;
    // Connected before anything is recorded: a broker that is away leaves no run behind.
    let queue = AmqpQueue::connect(&broker).await?;
    let enqueuer = enqueuer(&*store, &queue);
    let Some(run) = commands::backfill::enqueue(console, enqueuer, plan, now).await? else {
        return Ok(Exit::Done);
    };
    if !args.wait {
        let name = program.name();
        console.narrate(&format!("follow it: {name} status --run {run} --watch"));
        return Ok(Exit::Done);
    }
    let run = find_run(&*store, Some(&run)).await?;
    let timeout = args.timeout.map(Duration::from_secs);
    follow::wait(console, &*store, Some(&queue), &run, timeout, on_signal()?).await
}

async fn requeue(console: &mut Console<'_>, args: &RequeueArgs) -> Result<Exit, CommandError> {
    let program = console.program();
    let (url, broker) = settings(|source| {
        let url = program.database_url(source);
        url.zip(broker_unless(args.dry_run, source))
    })?;
    let Some(broker) = broker else {
        commands::requeue::dry_run(console, &url, args).await?;
        return Ok(Exit::Done);
    };
    let store = open(&url).await?;
    let picked = commands::requeue::pick(&*store, args).await?;
    let queue = AmqpQueue::connect(&broker).await?;
    commands::requeue::requeue(console, enqueuer(&*store, &queue), args, &picked).await
}

async fn resume(console: &mut Console<'_>, args: &ResumeArgs) -> Result<Exit, CommandError> {
    let program = console.program();
    let (url, broker): (SecretString, _) =
        settings(|source| program.database_url(source).zip(BrokerConfig::read(source)))?;
    let store = open(&url).await?;
    let queue = AmqpQueue::connect(&broker).await?;
    commands::resume(console, enqueuer(&*store, &queue), args).await
}

async fn schedule(
    console: &mut Console<'_>,
    command: &FleetScheduleCommand,
) -> Result<Exit, CommandError> {
    let program = console.program();
    let command = match command {
        FleetScheduleCommand::Run => return begin_runs(program).await,
        FleetScheduleCommand::Common(command) => command,
    };
    let store = database(program).await?;
    commands::schedule(console, &*store, command).await
}

/// Begins the runs of all schedules, prunes and notifies until SIGTERM or SIGINT.
async fn begin_runs(program: Program) -> Result<Exit, CommandError> {
    let ((url, broker), (mega, housekeeping)) = settings(|source| {
        let url = program.database_url(source);
        let broker = BrokerConfig::read(source);
        // One call is all that a plan asks of the ERP.
        let mega = MegaConfig::read(source, 1);
        url.zip(broker)
            .zip(mega.zip(HousekeepingConfig::read(source)))
    })?;
    let stop = on_signal()?;
    let store = open(&url).await?;
    let broker = Broker::Amqp(Arc::new(broker));
    let housekeeping = Housekeeping::new(housekeeping, program, store.clone(), broker.clone())?;
    let scheduler = Scheduler {
        erp: MegaClient::new(mega, store.clone())?,
        broker,
        store,
    };
    tokio::join!(scheduler.run(stop.clone()), housekeeping.run(stop));
    Ok(Exit::Done)
}

async fn prune(console: &mut Console<'_>, args: &PruneArgs) -> Result<Exit, CommandError> {
    let program = console.program();
    let (url, broker) = settings(|source| {
        let url = program.database_url(source);
        url.zip(broker_unless(args.dry_run, source))
    })?;
    let Some(broker) = broker else {
        return commands::prune::dry_run(console, &url, args).await;
    };
    let store = open(&url).await?;
    // Connected before anything is removed.
    let queue = AmqpQueue::connect(&broker).await?;
    commands::prune::prune(console, &*store, Some(&queue), args).await
}

/// The broker keeps what it confirmed.
fn enqueuer<'a>(store: &'a dyn Store, queue: &'a AmqpQueue) -> Enqueuer<'a> {
    Enqueuer {
        store,
        queue,
        publishing: Publishing::Missing,
    }
}

/// A dry run publishes nothing and needs no broker.
fn broker_unless(dry_run: bool, source: &mut Source<'_>) -> Option<Option<BrokerConfig>> {
    match dry_run {
        true => Some(None),
        false => BrokerConfig::read(source).map(Some),
    }
}
