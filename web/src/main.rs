//! `web`: shows runs and figures in a browser, requeues, begins runs by the clock, prunes and notifies.

use std::process::ExitCode;
use std::sync::Arc;

use mega::{MegaClient, MegaConfig};
use producer::broker::Broker;
use producer::console::Console;
use producer::error::CommandError;
use producer::exit::Exit;
use producer::housekeeping::{Housekeeping, HousekeepingConfig};
use producer::process;
use producer::program::Program;
use producer::schedule::Scheduler;
use producer::services::{on_signal, open, settings, start_log};
use queue::BrokerConfig;
use runtime::environment::Source;
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
    let ((url, door), services) = settings(|source| {
        let url = console.program().database_url(source);
        let door = args.door(source);
        url.zip(door).zip(match args.read_only {
            true => Some(None),
            false => {
                let broker = BrokerConfig::read(source).zip(erp(source));
                broker.zip(HousekeepingConfig::read(source)).map(Some)
            }
        })
    })?;
    let stop = on_signal()?;
    let store = open(&url).await?;
    let (services, housekeeping) = services.unzip();
    let (broker, erp) = services.unzip();
    let site = Site {
        broker: broker.map(|broker| Broker::Amqp(Arc::new(broker))),
        erp: erp
            .flatten()
            .map(|mega| MegaClient::new(mega, store.clone()))
            .transpose()?,
        store,
        door,
    };
    let scheduler = scheduler(&site);
    let housekeeping = match site.broker.clone().zip(housekeeping) {
        Some((broker, config)) => {
            let store = Arc::clone(&site.store);
            Some(Housekeeping::new(config, console.program(), store, broker)?)
        }
        None => None,
    };
    // What ends first ends the others.
    let stop = stop.child_token();
    let scheduling = scheduler.map(|scheduler| tokio::spawn(scheduler.run(stop.clone())));
    let keeping = housekeeping.map(|keeping| tokio::spawn(keeping.run(stop.clone())));
    let listening = |address| console.narrate(&format!("http://{address}/"));
    let shown = serve(site, args.listen, listening, stop.clone()).await;
    stop.cancel();
    if let Some(scheduling) = scheduling {
        scheduling.await.expect("the scheduler does not panic");
    }
    if let Some(keeping) = keeping {
        keeping.await.expect("the housekeeping does not panic");
    }
    shown?;
    Ok(Exit::Done)
}

/// Begins the runs of schedules, where runs can be begun from here.
fn scheduler(site: &Site) -> Option<Scheduler> {
    let (broker, erp) = site.broker.clone().zip(site.erp.clone())?;
    Some(Scheduler {
        store: Arc::clone(&site.store),
        broker,
        erp,
    })
}

/// How to reach the ERP, where its URL is set: the page needs it to begin runs, and for nothing else.
fn erp(source: &mut Source<'_>) -> Option<Option<MegaConfig>> {
    match source.optional("MEGA_API_URL") {
        // One call is all that a plan asks of the ERP.
        Some(_) => MegaConfig::read(source, 1).map(Some),
        None => Some(None),
    }
}

/// Nothing that is typed is shown on a terminal.
fn hash_password(console: &mut Console<'_>) -> Result<Exit, CommandError> {
    let password = console.secret("password: ")?;
    console.data(&format!("{}\n", hash(&password)?))?;
    Ok(Exit::Done)
}
