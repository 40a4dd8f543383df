//! `demo`: a simulated ERP, a backfill of it into a SQLite file, and the totals of the tables.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::sync::Arc;

use chrono::{Days, Months, Utc};
use domain::job::{Payables, RunParams};
use domain::ledger::WorkerId;
use mega::{MegaClient, MegaConfig, MemorySessionStore};
use producer::cli::DEFAULT_HISTORY_DAYS;
use producer::commands::backfill;
use producer::console::Console;
use producer::error::CommandError;
use producer::exit::Exit;
use producer::plan::Request;
use producer::render::reais_of;
use producer::services::{open, settings};
use simulator::{Config, Credentials, Latency, Seeded, Simulator};
use standalone::cli::DemoArgs;
use store::TableTotal;
use tokio_util::sync::CancellationToken;
use web::cli::PageArgs;
use worker::cli::WorkArgs;

use crate::engine::{Engine, worker};
use crate::serve::work_and_show;

/// Months the demo reaches back.
const MONTHS: u32 = 12;
/// Contratos for each empreendimento, on average.
const CONTRATOS: u32 = 20;
/// A call's latency: short, so that the demo takes seconds and its progress can still be seen.
const LATENCY: Latency = Latency {
    base_seconds: 0.06,
    per_in_flight_seconds: 0.005,
};

/// Starts the simulator, backfills the last months from it, prints the tables' totals, and shows the page
/// where it is asked for.
///
/// # Errors
/// When the simulator does not start, or the file cannot be written.
pub async fn run(
    console: &mut Console<'_>,
    args: &DemoArgs,
    stop: CancellationToken,
) -> Result<Exit, CommandError> {
    let page = PageArgs::at(args.listen);
    let door = settings(|source| page.door(source))?;
    let seeded = Seeded {
        empreendimentos: args.empreendimentos,
        contratos: args.empreendimentos * CONTRATOS,
        ..Seeded::default()
    };
    let today = seeded.today;
    let erp = Config {
        latency: LATENCY,
        ..Config::seeded(seeded)
    };
    let credentials = erp.credentials.clone();
    let erp = Simulator::start(erp)
        .await
        .map_err(|error| CommandError::Other(error.into()))?;
    console.narrate(&format!("a simulated ERP answers at {}", erp.url()));

    let url = format!("sqlite://{}", args.file.display());
    let store = open(&url.into()).await?;
    // The simulator ends with this process, so its session is not kept in the file.
    let client = MegaClient::new(
        of(&erp, credentials, &args.work),
        Arc::new(MemorySessionStore::default()),
    )?;
    let params = RunParams {
        start_date: today - Months::new(MONTHS),
        end_date: today - Days::new(1),
        as_of: today,
    };
    let request = Request {
        params,
        empreendimentos: BTreeSet::new(),
        with_empreendimentos: true,
        with_cash_out: true,
        payables: Payables::default(),
        skip: None,
        accept_change: false,
        replace_newer: false,
        urgent: false,
        history: Days::new(DEFAULT_HISTORY_DAYS.into()),
    };
    let plan = backfill::plan(store.as_ref(), &request, client.catalogue().await?).await?;
    let engine = Engine::new(Arc::clone(&store), client.clone(), &args.work).await?;
    let run = backfill::enqueue(console, engine.enqueuer(), plan, Utc::now()).await?;
    let exit = engine.work_through(console, run, stop.clone()).await?;

    console.data(&table(&store.totals().await?))?;
    let file = std::path::absolute(&args.file).unwrap_or_else(|_| args.file.clone());
    console.data(&format!("\nThe tables are in {}\n", file.display()))?;
    if args.serve && !stop.is_cancelled() {
        let serving = WorkerId::of_this_serving_process();
        let worker = worker(serving, store, client, &args.work)?;
        work_and_show(console, worker, &page, door, stop).await?;
    }
    erp.stop().await;
    Ok(exit)
}

fn of(erp: &Simulator, credentials: Credentials, work: &WorkArgs) -> MegaConfig {
    let Credentials {
        tenant_id,
        username,
        password,
    } = credentials;
    let url = erp.url().parse().expect("the simulator's own URL");
    let concurrency = work.http_concurrency.into();
    MegaConfig {
        concurrency,
        ..MegaConfig::new(url, tenant_id, username, password.into())
    }
}

fn table(totals: &[TableTotal]) -> String {
    let mut text = format!("{:<24}{:>8}   totals\n", "table", "rows");
    for total in totals {
        let sums: Vec<String> = total
            .sums
            .iter()
            .map(|(column, sum)| format!("{column} {}", reais_of(sum)))
            .collect();
        _ = writeln!(
            text,
            "{:<24}{:>8}   {}",
            total.table,
            total.rows,
            sums.join("  ")
        );
    }
    text
}
