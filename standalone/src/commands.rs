//! The commands of `mega-sync`, each with the worker that does what it enqueues.

use chrono::Utc;
use clap::CommandFactory as _;
use mega::{MegaClient, MegaConfig};
use producer::cli::{BackfillArgs, RequeueArgs, ResumeArgs};
use producer::commands::{self, common};
use producer::console::Console;
use producer::error::CommandError;
use producer::exit::Exit;
use producer::plan::Request;
use producer::program::Program;
use producer::report::find_run;
use producer::services::{database, on_signal, open, settings, start_log};
use secrecy::SecretString;
use standalone::cli::{Cli, Command};
use worker::cli::WorkArgs;

use crate::engine::Engine;
use crate::{demo, serve};

/// Runs a command of `mega-sync`.
///
/// # Errors
/// As the command; and when the settings are wrong, or the database is away.
pub async fn run(console: &mut Console<'_>, command: Command) -> Result<Exit, CommandError> {
    if command.needs_log() {
        start_log()?;
    }
    match command {
        Command::Demo(args) => demo::run(console, &args, on_signal()?).await,
        Command::Backfill { backfill, work } => self::backfill(console, &backfill, &work).await,
        Command::Requeue { requeue, work } => self::requeue(console, &requeue, &work).await,
        Command::Resume { resume, work } => self::resume(console, &resume, &work).await,
        Command::Serve(args) => serve::run(console, &args).await,
        Command::Schedule(command) => {
            let store = database(console.program()).await?;
            commands::schedule(console, &*store, &command).await
        }
        Command::Common(command) => common(console, command, Cli::command()).await,
    }
}

async fn backfill(
    console: &mut Console<'_>,
    args: &BackfillArgs,
    work: &WorkArgs,
) -> Result<Exit, CommandError> {
    let stop = on_signal()?;
    let request = Request::resolve(args, Utc::now())?;
    let (url, mega) = database_and_erp(console.program(), work)?;
    if args.dry_run {
        commands::backfill::dry_run(console, &url, mega, &request).await?;
        return Ok(Exit::Done);
    }
    let store = open(&url).await?;
    let client = MegaClient::new(mega, store.clone())?;
    let plan = commands::backfill::plan(&*store, &request, client.catalogue().await?).await?;
    let engine = Engine::new(store, client, work).await?;
    let run = commands::backfill::enqueue(console, engine.enqueuer(), plan, Utc::now()).await?;
    engine.work_through(console, run, stop).await
}

async fn requeue(
    console: &mut Console<'_>,
    args: &RequeueArgs,
    work: &WorkArgs,
) -> Result<Exit, CommandError> {
    let stop = on_signal()?;
    let (url, mega) = database_and_erp(console.program(), work)?;
    if args.dry_run {
        commands::requeue::dry_run(console, &url, args).await?;
        return Ok(Exit::Done);
    }
    let store = open(&url).await?;
    let picked = commands::requeue::pick(&*store, args).await?;
    let client = MegaClient::new(mega, store.clone())?;
    let engine = Engine::new(store, client, work).await?;
    commands::requeue::requeue(console, engine.enqueuer(), args, &picked).await?;
    engine.work_through(console, Some(picked.run), stop).await
}

async fn resume(
    console: &mut Console<'_>,
    args: &ResumeArgs,
    work: &WorkArgs,
) -> Result<Exit, CommandError> {
    let stop = on_signal()?;
    let (url, mega) = database_and_erp(console.program(), work)?;
    let store = open(&url).await?;
    let run = find_run(&*store, args.run.as_ref()).await?;
    let client = MegaClient::new(mega, store.clone())?;
    let engine = Engine::new(store, client, work).await?;
    commands::resume(console, engine.enqueuer(), args).await?;
    engine.work_through(console, Some(run.id), stop).await
}

/// Where the database is, and how to reach the ERP.
///
/// # Errors
/// When the settings are wrong.
pub fn database_and_erp(
    program: Program,
    work: &WorkArgs,
) -> Result<(SecretString, MegaConfig), CommandError> {
    Ok(settings(|source| {
        let url = program.database_url(source);
        url.zip(MegaConfig::read(source, work.http_concurrency.into()))
    })?)
}
