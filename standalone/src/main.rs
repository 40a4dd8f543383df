//! `mega-sync`: producer and worker in one process, over an in-process queue.

mod demo;
mod engine;

use std::process::ExitCode;
use std::sync::Arc;

use chrono::Utc;
use clap::CommandFactory as _;
use mega::{MegaClient, MegaConfig};
use producer::console::{Console, Program};
use producer::doctor::{self, Settings};
use producer::exit::{CommandError, Exit};
use producer::plan::Request;
use producer::{backfill, completions, enqueue, explain, failed, program, requeue, signin, status};
use runtime::environment::Source;
use runtime::{shutdown, telemetry};
use secrecy::SecretString;
use standalone::cli::{Cli, Command};
use store::Store;
use worker::cli::WorkArgs;

use crate::engine::Engine;

/// Where the tables go when `DATABASE_URL` does not say.
const DEFAULT_DATABASE: &str = "sqlite://mega-sync.sqlite";

fn main() -> ExitCode {
    program::run(Program::MegaSync, async |console, Cli { command }| {
        run(console, command).await
    })
}

async fn run(console: &mut Console<'_>, command: Command) -> Result<Exit, CommandError> {
    // Doctor tells all by itself, unusable settings of the log included; completions need none.
    if !matches!(command, Command::Doctor(_) | Command::Completions(_)) {
        let mut source = Source::environment();
        let log = source.log_format();
        telemetry::init(source.finish(log)?, true);
    }
    let stop = shutdown::on_signal().map_err(CommandError::Signals)?;
    match command {
        Command::Demo(args) => demo::run(console, &args, stop).await,
        Command::Backfill { backfill, work } => {
            let request = Request::resolve(&backfill, Utc::now())?;
            let (url, mega) = settings(&work)?;
            if backfill.dry_run {
                backfill::dry_run(console, &url, mega, &request).await?;
                return Ok(Exit::Done);
            }
            let store = open(url).await?;
            let client = MegaClient::new(mega, store.clone())?;
            let plan = backfill::plan(store.as_ref(), &request, client.catalogue().await?).await?;
            let engine = Engine::new(store, client, &work)?;
            let run = backfill::enqueue(console, engine.enqueuer(), plan, Utc::now()).await?;
            engine.work_through(console, run, stop).await
        }
        Command::Requeue { requeue, work } => {
            let (url, mega) = settings(&work)?;
            if requeue.dry_run {
                requeue::dry_run(console, &url, &requeue).await?;
                return Ok(Exit::Done);
            }
            let store = open(url).await?;
            let picked = requeue::pick(store.as_ref(), &requeue).await?;
            let client = MegaClient::new(mega, store.clone())?;
            let engine = Engine::new(store, client, &work)?;
            requeue::requeue(console, engine.enqueuer(), &requeue, &picked).await?;
            engine.work_through(console, Some(picked.run), stop).await
        }
        Command::Resume { resume, work } => {
            let (url, mega) = settings(&work)?;
            let store = open(url).await?;
            let run = status::find_run(store.as_ref(), resume.run.as_ref()).await?;
            let client = MegaClient::new(mega, store.clone())?;
            let engine = Engine::new(store, client, &work)?;
            enqueue::resume(console, engine.enqueuer(), &resume).await?;
            engine.work_through(console, Some(run.id), stop).await
        }
        Command::Status(args) => {
            status::status(console, database().await?.as_ref(), &args, stop).await
        }
        Command::Explain(args) => {
            explain::explain(console, database().await?.as_ref(), &args).await
        }
        Command::Failed(args) => failed::failed(console, database().await?.as_ref(), &args).await,
        Command::Signin(args) => signin::signin(console, database().await?.as_ref(), &args).await,
        Command::Doctor(args) => {
            let settings = Settings::of_one_process(Source::environment(), DEFAULT_DATABASE);
            doctor::doctor(console, &settings, &args).await
        }
        Command::Migrate => {
            database().await?;
            Ok(Exit::Done)
        }
        Command::Completions(args) => completions::completions(console, Cli::command(), &args),
    }
}

/// The database alone, brought up to date.
async fn database() -> Result<Arc<dyn Store>, CommandError> {
    let mut source = Source::environment();
    let url = store::database_url(&mut source, Some(DEFAULT_DATABASE));
    open(source.finish(url)?).await
}

/// Where the database is, and how to reach the ERP.
fn settings(work: &WorkArgs) -> Result<(SecretString, MegaConfig), CommandError> {
    let mut source = Source::environment();
    let url = store::database_url(&mut source, Some(DEFAULT_DATABASE));
    let mega = MegaConfig::read(&mut source, work.http_concurrency.into());
    Ok(source.finish(url.zip(mega))?)
}

async fn open(url: SecretString) -> Result<Arc<dyn Store>, CommandError> {
    let store = store::connect(&url).await?;
    store.migrate().await?;
    Ok(store)
}
