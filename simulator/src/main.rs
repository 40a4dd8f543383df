//! The simulator as a process of its own.

use std::io::{IsTerminal, Write};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use anyhow::Context;
use chrono::NaiveDate;
use clap::Parser;
use simulator::{Config, Credentials, Latency, Seeded, Simulator};
use tokio::signal::unix::{SignalKind, signal};
use tracing_subscriber::EnvFilter;

const EXAMPLES: &str = "\
Examples:
  Small synthetic data, on port 8900:
    simulator
  The volume of a backfill, as slow as the live service:
    simulator --empreendimentos 181 --contratos 7200 --parcelas-per-contrato 300 \\
      --faturas 8102 --measured-latency
  Recorded bodies, on a free port:
    simulator --data tests/golden --listen 127.0.0.1:0
  While it runs: two calls that answer 503, and what has been asked so far:
    curl -X POST localhost:8900/control/faults -H 'content-type: application/json' -d '[
      {\"selector\": {\"route\": \"DadosParcelas\"}, \"extent\": {\"next\": 2},
       \"kind\": {\"status\": {\"code\": 503, \"retry_after_seconds\": 1}}}]'
    curl localhost:8900/control/counters
  A list that is well-formed and untrue, and the truth again:
    curl -X POST localhost:8900/control/lies -H 'content-type: application/json' -d '[
      {\"about\": {\"parcelas\": 11001}, \"edit\": {\"keep_first\": 0}}]'
    curl -X DELETE localhost:8900/control/lies
  Lists: \"empreendimentos\", {\"contratos\": EMPREENDIMENTO}, {\"parcelas\": CONTRATO},
    {\"parcelas_of_empreendimento\": EMPREENDIMENTO}, \"faturas\".
  Edits: {\"set\": {\"field\": \"data_assinatura\", \"value\": \"31/02/2024\", \"first\": 3}},
    {\"keep_first\": 3}, {\"omit\": [1400]}, {\"omit_share\": 0.2}, {\"multiply\": 3},
    {\"repeat\": {\"times\": 2, \"set\": {\"vlr_pago\": 1}, \"new_codes\": true}},
    {\"add_contratos\": {\"of\": 1403, \"first\": 2}}; of 0 are all, as if the filter were ignored";

/// Serves the Mega ERP's routes over synthetic or recorded data. Prints its URL on stdout and
/// runs until SIGTERM or SIGINT.
#[derive(Parser)]
#[command(version, after_help = EXAMPLES)]
struct Cli {
    /// Address to listen on; port 0 takes a free one.
    #[arg(long, env = "SIMULATOR_LISTEN", default_value = "127.0.0.1:8900")]
    listen: SocketAddr,
    /// Folder of recorded bodies, instead of synthetic data.
    #[arg(long, env = "SIMULATOR_DATA", value_name = "FOLDER")]
    data: Option<PathBuf>,
    #[command(flatten)]
    size: Size,
    /// GUID that the tenantId header must have.
    #[arg(long, env = "SIMULATOR_TENANT_ID", default_value_t = Credentials::default().tenant_id)]
    tenant_id: String,
    /// User name of the sign-in.
    #[arg(long, env = "SIMULATOR_USERNAME", default_value_t = Credentials::default().username)]
    username: String,
    /// Password of the sign-in.
    #[arg(
        long,
        env = "SIMULATOR_PASSWORD",
        hide_env_values = true,
        default_value_t = Credentials::default().password
    )]
    password: String,
    /// Lifetime of access tokens, in seconds; refresh tokens live twice as long.
    #[arg(
        long,
        env = "SIMULATOR_TOKEN_LIFETIME",
        default_value_t = 7200,
        value_name = "SECONDS"
    )]
    token_lifetime: u64,
    /// Refused sign-ins in a row that lock the account; 0 never locks.
    #[arg(long, env = "SIMULATOR_LOCK_AFTER", default_value_t = 5)]
    lock_after: u32,
    #[command(flatten)]
    latency: LatencyArgs,
    /// Sends bodies uncompressed, whatever the client accepts.
    #[arg(long, env = "SIMULATOR_NO_GZIP")]
    no_gzip: bool,
}

/// Size of the synthetic data.
#[derive(clap::Args)]
struct Size {
    /// The same seed, sizes and day give the same bytes.
    #[arg(long, env = "SIMULATOR_SEED", default_value_t = Seeded::default().seed)]
    seed: u64,
    /// Empreendimentos.
    #[arg(
        long,
        env = "SIMULATOR_EMPREENDIMENTOS",
        default_value_t = Seeded::default().empreendimentos
    )]
    empreendimentos: u32,
    /// Contracts in all.
    #[arg(long, env = "SIMULATOR_CONTRATOS", default_value_t = Seeded::default().contratos)]
    contratos: u32,
    /// Parcelas of a contract on average.
    #[arg(
        long,
        env = "SIMULATOR_PARCELAS_PER_CONTRATO",
        default_value_t = Seeded::default().parcelas_per_contrato
    )]
    parcelas_per_contrato: u32,
    /// Rows of payables.
    #[arg(long, env = "SIMULATOR_FATURAS", default_value_t = Seeded::default().faturas)]
    faturas: u32,
    /// Share of the contracts that one empreendimento has, from 0 to 1.
    #[arg(
        long,
        env = "SIMULATOR_SHARE_OF_LARGEST",
        default_value_t = Seeded::default().share_of_largest
    )]
    share_of_largest: f64,
    /// The day that overdue and future are told apart by (YYYY-MM-DD). [default: today in
    /// Brasília]
    #[arg(long, env = "SIMULATOR_TODAY", value_name = "DATE")]
    today: Option<NaiveDate>,
}

#[derive(clap::Args)]
struct LatencyArgs {
    /// Seconds that every data call takes.
    #[arg(
        long,
        env = "SIMULATOR_LATENCY_BASE",
        default_value_t = 0.0,
        value_name = "SECONDS"
    )]
    latency_base: f64,
    /// Seconds more for each data call in flight.
    #[arg(
        long,
        env = "SIMULATOR_LATENCY_PER_IN_FLIGHT",
        default_value_t = 0.0,
        value_name = "SECONDS"
    )]
    latency_per_in_flight: f64,
    /// The latency of the live service: 1.17 s and 0.0958 s for each call in flight.
    #[arg(
        long,
        env = "SIMULATOR_MEASURED_LATENCY",
        conflicts_with_all = ["latency_base", "latency_per_in_flight"]
    )]
    measured_latency: bool,
}

impl Cli {
    fn into_config(self) -> Config {
        let source = match self.data {
            Some(folder) => Config::folder(folder),
            None => Config::seeded(self.size.into_seeded()),
        };
        let latency = if self.latency.measured_latency {
            Latency::MEASURED
        } else {
            Latency {
                base_seconds: self.latency.latency_base,
                per_in_flight_seconds: self.latency.latency_per_in_flight,
            }
        };
        Config {
            listen: self.listen,
            credentials: Credentials {
                tenant_id: self.tenant_id,
                username: self.username,
                password: self.password,
            },
            token_lifetime: Duration::from_secs(self.token_lifetime),
            lock_after: self.lock_after,
            latency,
            gzip: !self.no_gzip,
            ..source
        }
    }
}

impl Size {
    fn into_seeded(self) -> Seeded {
        Seeded {
            seed: self.seed,
            empreendimentos: self.empreendimentos,
            contratos: self.contratos,
            parcelas_per_contrato: self.parcelas_per_contrato,
            faturas: self.faturas,
            share_of_largest: self.share_of_largest,
            today: self.today.unwrap_or(Seeded::default().today),
        }
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let cli = Cli::parse();
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("info"));
    let no_colour = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
    tracing_subscriber::fmt()
        .with_env_filter(filter)
        .with_writer(std::io::stderr)
        .with_ansi(!no_colour && std::io::stderr().is_terminal())
        .init();

    // Before the URL is printed: who reads it may send the signal at once.
    let mut terminate = signal(SignalKind::terminate()).context("cannot handle SIGTERM")?;
    let mut interrupt = signal(SignalKind::interrupt()).context("cannot handle SIGINT")?;
    let simulator = Simulator::start(cli.into_config()).await?;
    let mut stdout = std::io::stdout();
    writeln!(stdout, "{}", simulator.url())?;
    stdout.flush()?;

    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    tracing::info!("stopping");
    simulator.stop().await;
    Ok(())
}
