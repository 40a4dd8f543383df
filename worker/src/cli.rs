//! The worker's flags.

use std::net::SocketAddr;
use std::time::Duration;

use clap::{Args, Parser};
use mega::MegaConfig;
use queue::{Topology, parse_delay};
use store::SchemaName;

use crate::health::Probe;
use crate::worker::Limits;

/// How hard to work.
#[derive(Debug, Clone, Args)]
pub struct WorkArgs {
    /// Jobs in hand at once in this process, beside one urgent job
    #[arg(long, value_name = "N", env = "MEGA_SYNC_JOBS_AT_ONCE", default_value_t = 8,
          value_parser = clap::value_parser!(u16).range(1..=64))]
    pub jobs_at_once: u16,

    /// Most calls to the ERP in flight at once, of all workers together, who share them; 1 where
    /// parallel calls are forbidden. As many are made as the ERP shows to take
    #[arg(long, value_name = "N", env = "MEGA_SYNC_HTTP_CONCURRENCY",
          default_value_t = MegaConfig::CONCURRENCY as u16,
          value_parser = clap::value_parser!(u16).range(1..=256))]
    pub http_concurrency: u16,

    /// Seconds that jobs in hand may take to finish after SIGTERM or SIGINT, before they are given
    /// back unharmed
    #[arg(
        long,
        value_name = "SECONDS",
        env = "MEGA_SYNC_DRAIN_TIMEOUT",
        default_value_t = 50
    )]
    pub drain_timeout: u64,
}

impl WorkArgs {
    /// The bounds these flags give, with the delays of the queues and without a deadline.
    pub fn limits(&self, topology: &Topology) -> Limits {
        Limits {
            jobs_at_once: self.jobs_at_once,
            deadline: None,
            drain: Duration::from_secs(self.drain_timeout),
            retry_delays: topology.delays.clone(),
        }
    }
}

/// Consumes jobs: fetches from the ERP, folds, commits.
#[derive(Debug, Parser)]
#[command(
    name = "worker",
    version,
    after_help = "\
Runs until SIGTERM or SIGINT, then finishes the jobs in hand. Start as many as you like.

Environment: DATABASE_URL, AMQP_URL, MEGA_API_URL, MEGA_API_TENANT_ID, MEGA_API_USERNAME,
MEGA_API_PASSWORD; .env.example lists all. A .env file in the working directory is read.

Examples:
  worker
  worker --jobs-at-once 8 --http-concurrency 32
  worker --listen 127.0.0.1:9090 --check ready

Exit codes: 0 stopped in good order, 2 usage or settings, 5 a service cannot be reached, 1 other."
)]
pub struct Cli {
    /// How hard to work.
    #[command(flatten)]
    pub work: WorkArgs,

    /// Use this schema of the PostgreSQL database, which migrate creates [env: MEGA_SYNC_SCHEMA]
    /// [default: the search path of the role]
    #[arg(long, value_name = "NAME")]
    pub schema: Option<SchemaName>,

    /// Longest time of one attempt, such as 25m; below the broker's consumer_timeout, which is 30
    /// minutes unless set otherwise
    #[arg(long, value_name = "TIME", env = "MEGA_SYNC_ATTEMPT_DEADLINE",
          default_value = "25m", value_parser = parse_delay)]
    pub attempt_deadline: Duration,

    /// Where to answer /healthz, /readyz and /metrics, such as 0.0.0.0:9090 [default: nowhere]
    #[arg(long, value_name = "ADDRESS", env = "MEGA_SYNC_LISTEN")]
    pub listen: Option<SocketAddr>,

    /// Only ask the worker that listens there how it is, print what it says, and end: with 0 when
    /// all is well
    #[arg(long, value_name = "PROBE")]
    pub check: Option<Probe>,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_help_of_the_program() {
        insta::assert_snapshot!(Cli::command().render_long_help());
    }
}
