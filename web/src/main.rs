//! `web`: shows runs and figures in a browser.

use std::process::ExitCode;

use producer::error::CommandError;
use producer::exit::Exit;
use producer::process;
use producer::program::Program;
use producer::services::{on_signal, open, settings, start_log};
use web::cli::Cli;
use web::serve::serve;

fn main() -> ExitCode {
    process::run(Program::Producer, async |console, Cli { listen, .. }| {
        start_log()?;
        let url = settings(|source| console.program().database_url(source))?;
        let stop = on_signal()?;
        let store = open(&url).await?;
        let listening = |address| console.narrate(&format!("http://{address}/"));
        serve(store, listen, listening, stop)
            .await
            .map_err(CommandError::Other)?;
        Ok(Exit::Done)
    })
}
