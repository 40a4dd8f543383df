//! The settings and services that commands begin with.

use std::sync::Arc;

use runtime::environment::{ConfigError, Source};
use runtime::{shutdown, telemetry};
use secrecy::SecretString;
use store::Store;
use tokio_util::sync::CancellationToken;

use crate::error::CommandError;
use crate::program::Program;

/// Reads settings from the environment.
///
/// # Errors
/// When a setting is missing or wrong; the error names them all.
pub fn settings<T>(read: impl FnOnce(&mut Source<'_>) -> Option<T>) -> Result<T, ConfigError> {
    let mut source = Source::environment();
    let settings = read(&mut source);
    source.finish(settings)
}

/// Starts the log, on stderr and quiet.
///
/// # Errors
/// When its settings are wrong.
pub fn start_log() -> Result<(), ConfigError> {
    telemetry::init(settings(|source| source.log_format())?, true);
    Ok(())
}

/// Connects to the database of a program, for commands that need nothing else, and brings its
/// schema up to date.
///
/// # Errors
/// When the setting is missing or wrong, or the database fails.
pub async fn database(program: Program) -> Result<Arc<dyn Store>, CommandError> {
    open(&settings(|source| program.database_url(source))?).await
}

/// Connects to a database and brings its schema up to date.
///
/// # Errors
/// When the URL is wrong, or the database fails.
pub async fn open(url: &SecretString) -> Result<Arc<dyn Store>, CommandError> {
    let store = store::connect(url).await?;
    store.migrate().await?;
    Ok(store)
}

/// A token that SIGINT or SIGTERM cancels.
///
/// # Errors
/// When the process cannot listen for signals.
pub fn on_signal() -> Result<CancellationToken, CommandError> {
    shutdown::on_signal().map_err(CommandError::Signals)
}
