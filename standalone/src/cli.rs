//! The command line: the producer's commands, with the worker's bounds where there is work.

use clap::{Args, Parser, Subcommand};
use producer::cli::{
    BackfillArgs, CompletionsArgs, DoctorArgs, ExplainArgs, FailedArgs, RequeueArgs, ResumeArgs,
    SigninArgs, StatusArgs,
};
use worker::cli::WorkArgs;

/// Copies what cash flow reports need out of the Mega ERP, in one process.
#[derive(Debug, Parser)]
#[command(name = "mega-sync", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands of `mega-sync`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// See a whole backfill happen against a simulated ERP
    Demo(DemoArgs),
    /// Bring the tables up to date for the months of a window
    Backfill {
        /// What to do.
        #[command(flatten)]
        backfill: BackfillArgs,
        /// How hard to work at it.
        #[command(flatten)]
        work: WorkArgs,
    },
    /// Tell how a run stands: is it complete, what is missing, and why
    Status(StatusArgs),
    /// Tell where published figures come from, and what changed since the commit before
    Explain(ExplainArgs),
    /// List the failed jobs of a run, with causes
    Failed(FailedArgs),
    /// Do the failed jobs of a run again
    Requeue {
        /// Which.
        #[command(flatten)]
        requeue: RequeueArgs,
        /// How hard to work at it.
        #[command(flatten)]
        work: WorkArgs,
    },
    /// Go on with a run that was interrupted
    Resume {
        /// Which.
        #[command(flatten)]
        resume: ResumeArgs,
        /// How hard to work at it.
        #[command(flatten)]
        work: WorkArgs,
    },
    /// Tell whether the ERP's refusal stops all sign-ins, or lift that stop
    Signin(SigninArgs),
    /// Check every link and setting, and tell what to do about what is wrong
    ///
    /// Leaves all as it was: what it tries in the database is rolled back, and what it tries on the
    /// broker is in queues of its own, gone afterwards. Exits with 0 when there is no problem, warnings or not; of several problems
    /// the first of these counts: settings, a service away, a refused sign-in, anything else.
    Doctor(DoctorArgs),
    /// Bring the database's schema up to date (every command but doctor does so too)
    Migrate,
    /// Print a shell's script that completes this program's command line
    Completions(CompletionsArgs),
}

/// Arguments of `demo`.
#[derive(Debug, Clone, Args)]
pub struct DemoArgs {
    /// The SQLite file to write
    #[arg(long, value_name = "FILE", default_value = "mega-sync-demo.sqlite")]
    pub file: std::path::PathBuf,
    /// Empreendimentos the simulated ERP has
    #[arg(long, value_name = "N", default_value_t = 20,
          value_parser = clap::value_parser!(u32).range(1..=500))]
    pub empreendimentos: u32,
    /// How hard to work.
    #[command(flatten)]
    pub work: WorkArgs,
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;
    use producer::console::Program;
    use producer::help::with_examples;

    use super::*;

    #[test]
    fn the_help_of_the_program_and_of_its_own_commands() {
        let mut command = with_examples(Cli::command(), Program::MegaSync);
        command.build();
        insta::assert_snapshot!("the_help_of_the_program", command.render_long_help());
        for name in ["demo", "backfill", "requeue", "resume"] {
            let sub = command.find_subcommand_mut(name).unwrap();
            insta::assert_snapshot!(format!("the_help_of_{name}"), sub.render_long_help());
        }
    }
}
