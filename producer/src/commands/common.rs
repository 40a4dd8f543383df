//! The commands that are the same in every program.

use tokio_util::sync::CancellationToken;

use super::cancel::cancel;
use super::close::{close, closes, reopen};
use super::compare::compare;
use super::completions::completions;
use super::diff::diff;
use super::doctor::doctor;
use super::explain::explain;
use super::export::export;
use super::failed::failed;
use super::history::history;
use super::ipca::ipca;
use super::pause::{pause, unpause};
use super::signin::signin;
use super::status::status;
use super::views::views;
use crate::cli::{CommonCommand, StatusArgs};
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::services::{database, on_signal};

/// Runs a command of the program whose command line is `line`.
///
/// # Errors
/// As the command.
pub async fn common(
    console: &mut Console<'_>,
    command: CommonCommand,
    line: clap::Command,
) -> Result<Exit, CommandError> {
    let database = database(console.program());
    match command {
        CommonCommand::Status(args) => {
            status(console, &*database.await?, &args, stop(&args)?).await
        }
        CommonCommand::Cancel(args) => cancel(console, &*database.await?, &args).await,
        CommonCommand::Explain(args) => explain(console, &*database.await?, &args).await,
        CommonCommand::Diff(args) => diff(console, &*database.await?, &args).await,
        CommonCommand::Close(args) => close(console, &*database.await?, &args).await,
        CommonCommand::Reopen(args) => reopen(console, &*database.await?, &args).await,
        CommonCommand::Closes(args) => closes(console, &*database.await?, &args).await,
        CommonCommand::Failed(args) => failed(console, &*database.await?, &args).await,
        CommonCommand::Signin(args) => signin(console, &*database.await?, &args).await,
        CommonCommand::Pause(args) => pause(console, &*database.await?, &args).await,
        CommonCommand::Unpause => unpause(console, &*database.await?).await,
        CommonCommand::Doctor(args) => doctor(console, &args).await,
        CommonCommand::Ipca(command) => ipca(console, &*database.await?, &command).await,
        CommonCommand::Views(command) => views(console, &*database.await?, &command).await,
        CommonCommand::History(command) => history(console, &*database.await?, &command).await,
        CommonCommand::Compare(args) => compare(console, &args).await,
        CommonCommand::Export(args) => {
            export(console, &*database.await?, &args, on_signal()?).await
        }
        CommonCommand::Migrate => {
            database.await?;
            console.narrate("the schema is up to date");
            Ok(Exit::Done)
        }
        CommonCommand::Completions(args) => completions(console, line, &args),
    }
}

/// A single answer ends at once at a signal; `--watch` ends in good order.
fn stop(args: &StatusArgs) -> Result<CancellationToken, CommandError> {
    match args.watch {
        true => on_signal(),
        false => Ok(CancellationToken::new()),
    }
}
