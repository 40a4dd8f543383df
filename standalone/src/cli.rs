//! The command line: the producer's commands, with the worker's limits where there is work.

use std::net::SocketAddr;

use clap::{Args, Parser, Subcommand};
use producer::cli::{
    BackfillArgs, CommonCommand, DatabaseArgs, RequeueArgs, ResumeArgs, ScheduleCommand,
};
use web::cli::{PageArgs, address};
use worker::cli::WorkArgs;

/// Copy cash flow data from the Mega ERP, in one process
#[derive(Debug, Parser)]
#[command(name = "mega-sync", version)]
pub struct Cli {
    /// Where the tables are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands of `mega-sync`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run a whole backfill against a simulated ERP
    Demo(DemoArgs),
    /// Bring the tables up to date for the months of a window
    Backfill {
        /// What to do.
        #[command(flatten)]
        backfill: BackfillArgs,
        /// The limits of the work.
        #[command(flatten)]
        work: WorkArgs,
    },
    /// Do the failed jobs of a run again
    Requeue {
        /// Which.
        #[command(flatten)]
        requeue: RequeueArgs,
        /// The limits of the work.
        #[command(flatten)]
        work: WorkArgs,
    },
    /// Continue a run that was interrupted
    Resume {
        /// Which.
        #[command(flatten)]
        resume: ResumeArgs,
        /// The limits of the work.
        #[command(flatten)]
        work: WorkArgs,
    },
    /// Work on what is open and show it in a browser, until SIGTERM
    ///
    /// The whole product in one process: a worker, the schedules and the page. Meanwhile, backfill, requeue
    /// and resume on the same database record what is to be done, and follow it.
    Serve(ServeArgs),
    /// Begin backfills by the clock
    ///
    /// Runs begin while serve is alive.
    #[command(subcommand)]
    Schedule(ScheduleCommand),
    /// The commands that every program has.
    #[command(flatten)]
    Common(CommonCommand),
}

impl Command {
    /// Whether the log is to be started before it.
    pub const fn needs_log(&self) -> bool {
        match self {
            Self::Demo(_)
            | Self::Backfill { .. }
            | Self::Requeue { .. }
            | Self::Resume { .. }
            | Self::Serve(_)
            | Self::Schedule(_) => true,
            Self::Common(command) => command.needs_log(),
        }
    }
}

/// Arguments of `serve`.
#[derive(Debug, Clone, Args)]
pub struct ServeArgs {
    /// Where the page is, and for whom.
    #[command(flatten)]
    pub page: PageArgs,
    /// The limits of the work.
    #[command(flatten)]
    pub work: WorkArgs,
}

/// Arguments of `demo`.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// Write this SQLite file
    #[arg(long, value_name = "FILE", default_value = "mega-sync-demo.sqlite")]
    pub file: std::path::PathBuf,
    /// Empreendimentos of the simulated ERP
    #[arg(long, value_name = "N", default_value_t = 20,
          value_parser = clap::value_parser!(u32).range(1..=500))]
    pub empreendimentos: u32,
    /// Then show the page in a browser, until Ctrl+C
    #[arg(long)]
    pub serve: bool,
    /// Show it at this address
    #[arg(long, value_name = "ADDRESS", requires = "serve", default_value = "127.0.0.1:8080",
          value_parser = address)]
    pub listen: SocketAddr,
    /// The limits of the work.
    #[command(flatten)]
    pub work: WorkArgs,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use producer::help::with_examples;
    use producer::program::Program;

    use super::*;

    #[test]
    fn the_help_of_the_program_and_of_its_own_commands() {
        let mut command = with_examples(Cli::command(), Program::MegaSync);
        command.build();
        insta::assert_snapshot!("the_help_of_the_program", command.render_long_help());
        for name in ["demo", "backfill", "requeue", "resume", "serve", "schedule"] {
            let sub = command.find_subcommand_mut(name).unwrap();
            insta::assert_snapshot!(format!("the_help_of_{name}"), sub.render_long_help());
        }
    }
}
