//! `web`: shows runs and figures in a browser, and requeues.

use std::process::ExitCode;
use std::sync::Arc;

use producer::console::Console;
use producer::error::CommandError;
use producer::exit::Exit;
use producer::process;
use producer::program::Program;
use producer::services::{on_signal, open, settings, start_log};
use queue::BrokerConfig;
use web::acting::Broker;
use web::cli::{Cli, Command, PageArgs};
use web::serve::{Site, serve};
use web::users::hash;

fn main() -> ExitCode {
    process::run(Program::Producer, async |console, cli: Cli| {
        match cli.command {
            Some(Command::HashPassword) => hash_password(console),
            None => show(console, &cli.page).await,
        }
    })
}

async fn show(console: &mut Console<'_>, args: &PageArgs) -> Result<Exit, CommandError> {
    start_log()?;
    let ((url, door), broker) = settings(|source| {
        let url = console.program().database_url(source);
        let door = args.door(source);
        url.zip(door).zip(match args.read_only {
            true => Some(None),
            false => BrokerConfig::read(source).map(Some),
        })
    })?;
    let stop = on_signal()?;
    let site = Site {
        store: open(&url).await?,
        broker: broker.map(|broker| Broker::Amqp(Arc::new(broker))),
        door,
    };
    let listening = |address| console.narrate(&format!("http://{address}/"));
    serve(site, args.listen, listening, stop).await?;
    Ok(Exit::Done)
}

/// Nothing that is typed is shown on a terminal.
fn hash_password(console: &mut Console<'_>) -> Result<Exit, CommandError> {
    let password = console.secret("password: ")?;
    console.data(&format!("{}\n", hash(&password)?))?;
    Ok(Exit::Done)
}
