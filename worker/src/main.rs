//! The worker's process: settings, connections, run, drain.

use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Parser as _;
use domain::failure::FailureClass;
use domain::ledger::WorkerId;
use mega::{MegaClient, MegaConfig};
use queue::amqp::AmqpQueue;
use queue::{BrokerConfig, QueueError};
use runtime::environment::{self, ConfigError, Source};
use runtime::{shutdown, telemetry};
use store::StoreError;
use tokio::runtime::Builder;
use tokio_util::sync::CancellationToken;
use worker::cli::Cli;
use worker::{Limits, Worker, health};

fn main() -> ExitCode {
    // While there is one thread, and before the flags are read that it may set.
    let environment = environment::load_dotenv();
    let cli = Cli::parse();
    let schema = cli.schema.as_ref().map(ToString::to_string);
    environment::set_flags(schema.map(|schema| (store::SCHEMA, schema)));
    let ended = environment.map_err(anyhow::Error::from).and_then(|()| {
        // One thread: a fleet takes more cores as more workers, and on one nothing has to be handed
        // from thread to thread.
        let runtime = Builder::new_current_thread()
            .enable_all()
            .build()
            .context("the runtime does not start")?;
        let ended = runtime.block_on(async {
            let Some(probe) = cli.check else {
                return work_until_stopped(cli).await;
            };
            print!("{}", health::check(probe, cli.listen).await?);
            Ok(())
        });
        // A name that is still looked up must not hold up the end.
        runtime.shutdown_background();
        ended
    });
    match ended {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::from(exit_code(&error))
        }
    }
}

async fn work_until_stopped(cli: Cli) -> anyhow::Result<()> {
    let mut source = Source::environment();
    let database_url = store::fleet_database_url(&mut source);
    let broker = BrokerConfig::read(&mut source);
    let mega = MegaConfig::read(&mut source, cli.work.http_concurrency.into());
    let log = source.log_format();
    let settings = database_url.zip(broker).zip(mega).zip(log);
    let (((database_url, broker), mega), log) = source.finish(settings)?;
    telemetry::init(log, false);

    let stop = shutdown::on_signal().context("cannot listen for signals")?;
    let connected = async {
        let store = store::connect(&database_url).await?;
        store.migrate().await?;
        let queue = AmqpQueue::connect(&broker).await?;
        anyhow::Ok((store, queue))
    };
    // Asked to stop before it began, while a service may be slow to answer: there is nothing to do.
    let Some(connected) = stop.run_until_cancelled(connected).await else {
        return Ok(());
    };
    let (store, queue) = connected?;
    let worker = Arc::new(Worker {
        id: WorkerId::of_this_process(),
        mega: MegaClient::new(mega, store.clone())?,
        store,
        queue: Arc::new(queue),
        limits: Limits {
            deadline: Some(cli.attempt_deadline),
            ..cli.work.limits(&broker.topology)
        },
    });
    // Health is told to the end, while jobs are drained too.
    let end = CancellationToken::new();
    let _end = end.clone().drop_guard();
    if let Some(address) = cli.listen {
        health::serve(Arc::clone(&worker), address, end).await?;
    }
    worker::run(worker, stop).await?;
    Ok(())
}

/// The documented exit codes: 2 settings, 5 a service cannot be reached, 1 anything else.
fn exit_code(error: &anyhow::Error) -> u8 {
    let store = error.downcast_ref();
    let usage = error.is::<ConfigError>()
        || matches!(store, Some(StoreError::Url(_) | StoreError::Schema(_)));
    let database_away = error
        .downcast_ref::<StoreError>()
        .is_some_and(|error| error.class() == FailureClass::Transient);
    let broker_away = matches!(error.downcast_ref(), Some(QueueError::Away(_)));
    match () {
        () if usage => 2,
        () if database_away || broker_away => 5,
        () => 1,
    }
}
