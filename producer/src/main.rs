//! `producer`: enqueues runs for a fleet's workers, and tells how they stand.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use chrono::Utc;
use clap::CommandFactory as _;
use mega::{MegaClient, MegaConfig};
use producer::cli::{BackfillArgs, Cli, Command, RequeueArgs, ResumeArgs, StatusArgs};
use producer::console::{Console, Program};
use producer::doctor::{self, Settings};
use producer::enqueue::{self, Enqueuer};
use producer::exit::{CommandError, Exit};
use producer::plan::Request;
use producer::{backfill, completions, explain, failed, follow, program, requeue, signin, status};
use queue::BrokerConfig;
use queue::amqp::AmqpQueue;
use runtime::environment::{ConfigError, Source};
use runtime::{shutdown, telemetry};
use secrecy::SecretString;
use store::Store;
use tokio_util::sync::CancellationToken;

fn main() -> ExitCode {
    program::run(Program::Producer, async |console, Cli { command }| {
        run(console, command).await
    })
}

async fn run(console: &mut Console<'_>, command: Command) -> Result<Exit, CommandError> {
    // Doctor tells all by itself, unusable settings of the log included; completions need none.
    if !matches!(command, Command::Doctor(_) | Command::Completions(_)) {
        telemetry::init(settings(|source| source.log_format())?, true);
    }
    match command {
        Command::Backfill(args) => backfill(console, &args).await,
        Command::Status(args) => status(console, &args).await,
        Command::Explain(args) => explain::explain(console, &*database().await?, &args).await,
        Command::Failed(args) => failed::failed(console, &*database().await?, &args).await,
        Command::Requeue(args) => requeue(console, &args).await,
        Command::Resume(args) => resume(console, &args).await,
        Command::Signin(args) => signin::signin(console, &*database().await?, &args).await,
        Command::Doctor(args) => {
            let settings = Settings::of_fleet(Source::environment());
            doctor::doctor(console, &settings, &args).await
        }
        Command::Migrate => {
            database().await?;
            console.narrate("the schema is up to date");
            Ok(Exit::Done)
        }
        Command::Completions(args) => completions::completions(console, Cli::command(), &args),
    }
}

async fn backfill(console: &mut Console<'_>, args: &BackfillArgs) -> Result<Exit, CommandError> {
    let now = Utc::now();
    let request = Request::resolve(args, now)?;
    let ((url, broker), mega) = settings(|source| {
        let (url, broker) = (
            store::fleet_database_url(source),
            broker_unless(args.dry_run, source),
        );
        // One call is all that a producer asks of the ERP.
        url.zip(broker).zip(MegaConfig::read(source, 1))
    })?;
    let Some(broker) = broker else {
        backfill::dry_run(console, &url, mega, &request).await?;
        return Ok(Exit::Done);
    };
    let store = open(&url).await?;
    let catalogue = MegaClient::new(mega, store.clone())?.catalogue().await?;
    let plan = backfill::plan(&*store, &request, catalogue).await?;
    // Connected before anything is recorded: a broker that is away leaves no run behind.
    let queue = AmqpQueue::connect(&broker).await?;
    let enqueuer = enqueuer(&*store, &queue);
    let Some(run) = backfill::enqueue(console, enqueuer, plan, now).await? else {
        return Ok(Exit::Done);
    };
    if !args.wait {
        let program = console.program().name();
        console.narrate(&format!("follow it: {program} status --run {run} --watch"));
        return Ok(Exit::Done);
    }
    let run = status::find_run(&*store, Some(&run)).await?;
    let timeout = args.timeout.map(Duration::from_secs);
    follow::wait(console, &*store, &queue, &run, timeout, signals()?).await
}

async fn status(console: &mut Console<'_>, args: &StatusArgs) -> Result<Exit, CommandError> {
    let stop = if args.watch {
        signals()?
    } else {
        CancellationToken::new()
    };
    status::status(console, &*database().await?, args, stop).await
}

async fn requeue(console: &mut Console<'_>, args: &RequeueArgs) -> Result<Exit, CommandError> {
    let (url, broker) = settings(|source| {
        let url = store::fleet_database_url(source);
        url.zip(broker_unless(args.dry_run, source))
    })?;
    let Some(broker) = broker else {
        requeue::dry_run(console, &url, args).await?;
        return Ok(Exit::Done);
    };
    let store = open(&url).await?;
    let picked = requeue::pick(&*store, args).await?;
    let queue = AmqpQueue::connect(&broker).await?;
    requeue::requeue(console, enqueuer(&*store, &queue), args, &picked).await
}

async fn resume(console: &mut Console<'_>, args: &ResumeArgs) -> Result<Exit, CommandError> {
    let (url, broker) =
        settings(|source| store::fleet_database_url(source).zip(BrokerConfig::read(source)))?;
    let store = open(&url).await?;
    let queue = AmqpQueue::connect(&broker).await?;
    enqueue::resume(console, enqueuer(&*store, &queue), args).await
}

/// The broker keeps what it confirmed.
fn enqueuer<'a>(store: &'a dyn Store, queue: &'a AmqpQueue) -> Enqueuer<'a> {
    Enqueuer {
        store,
        queue,
        published_too: false,
    }
}

fn settings<T>(read: impl FnOnce(&mut Source<'_>) -> Option<T>) -> Result<T, ConfigError> {
    let mut source = Source::environment();
    let settings = read(&mut source);
    source.finish(settings)
}

/// A dry run publishes nothing and needs no broker.
fn broker_unless(dry_run: bool, source: &mut Source<'_>) -> Option<Option<BrokerConfig>> {
    match dry_run {
        true => Some(None),
        false => BrokerConfig::read(source).map(Some),
    }
}

/// For commands that need nothing but the database.
async fn database() -> Result<Arc<dyn Store>, CommandError> {
    open(&settings(store::fleet_database_url)?).await
}

/// The database, brought up to date.
async fn open(url: &SecretString) -> Result<Arc<dyn Store>, CommandError> {
    let store = store::connect(url).await?;
    store.migrate().await?;
    Ok(store)
}

fn signals() -> Result<CancellationToken, CommandError> {
    shutdown::on_signal().map_err(CommandError::Signals)
}
