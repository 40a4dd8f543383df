//! `web`: shows runs and figures in a browser, and requeues.

use std::process::ExitCode;

use producer::error::CommandError;
use producer::exit::Exit;
use producer::process;
use producer::program::Program;
use producer::services::{on_signal, open, settings, start_log};
use queue::BrokerConfig;
use web::cli::Cli;
use web::serve::serve;

fn main() -> ExitCode {
    process::run(Program::Producer, async |console, cli: Cli| {
        start_log()?;
        let (url, broker) = settings(|source| {
            let url = console.program().database_url(source);
            url.zip(match cli.read_only {
                true => Some(None),
                false => BrokerConfig::read(source).map(Some),
            })
        })?;
        let stop = on_signal()?;
        let store = open(&url).await?;
        let listening = |address| console.narrate(&format!("http://{address}/"));
        serve(store, broker, cli.listen, listening, stop)
            .await
            .map_err(CommandError::Other)?;
        Ok(Exit::Done)
    })
}
