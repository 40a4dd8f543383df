//! The command line. The argument structs serve every binary that has these commands.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use domain::job::{EmpreendimentoId, RunId};
use store::SchemaName;

mod backfill;
mod export;
mod figures;
mod flags;
mod notify;
mod pause;
mod prune;
mod replaced;
mod schedule;

pub use self::backfill::{BackfillArgs, DEFAULT_HISTORY_DAYS, Only};
pub use self::export::{Dialect, ExportArgs, ExportFormat, Months, MonthsError};
pub use self::figures::{CloseArgs, ClosesArgs, DiffArgs, ExplainArgs, ReopenArgs};
pub use self::flags::{read_flags, said};
pub use self::notify::{FreshnessArgs, NotifyCommand, NotifyListArgs};
pub use self::pause::PauseArgs;
pub use self::prune::PruneArgs;
pub use self::replaced::{
    CompareArgs, HistoryCommand, HistoryImportArgs, Readers, ViewsCommand, ViewsInstallArgs,
};
pub use self::schedule::{AddScheduleArgs, FleetScheduleCommand, Overlap, ScheduleCommand};

/// Plan backfills from the Mega ERP, enqueue them for the workers, and show their status
#[derive(Debug, Parser)]
#[command(name = "producer", version)]
pub struct Cli {
    /// Where the tables are.
    #[command(flatten)]
    pub database: DatabaseArgs,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The flag that says where the tables are; with every command.
#[derive(Debug, Clone, Args)]
pub struct DatabaseArgs {
    /// Use this schema of the PostgreSQL database, which migrate creates [env: MEGA_SYNC_SCHEMA]
    /// [default: the search path of the role]
    #[arg(long, global = true, value_name = "NAME")]
    pub schema: Option<SchemaName>,
}

/// The commands of `producer`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Bring the tables up to date for the months of a window
    Backfill(BackfillArgs),
    /// Enqueue the failed jobs of a run again
    Requeue(RequeueArgs),
    /// Publish the messages of a run that the broker never confirmed, or lost
    ///
    /// Unconfirmed messages are published at once. A confirmed message is published again when it
    /// is provably lost, as after a purge of the queue: no living worker has the job, nothing has
    /// happened to it for two minutes, and the work and retry queues are empty at two looks some
    /// seconds apart. Two such commands at once publish different messages.
    Resume(ResumeArgs),
    /// Begin backfills by the clock
    ///
    /// Runs begin while the program web or schedule run is alive.
    #[command(subcommand)]
    Schedule(FleetScheduleCommand),
    /// Remove what is old and nothing names from the ledger and the dead queue
    ///
    /// Removes runs that ended, with their jobs, attempts and checks, and workers long gone. What stands in
    /// the tables or was signed off keeps its run, and so do open and failed jobs whose months no later run
    /// has committed. Runs that only the history of the figures names keep their jobs. In the dead queue,
    /// copies of jobs that are done or removed go.
    Prune(PruneArgs),
    /// The commands that every program has.
    #[command(flatten)]
    Common(CommonCommand),
}

/// The commands that are the same in every program: they put nothing into the queue.
#[derive(Debug, Subcommand)]
pub enum CommonCommand {
    /// Show the status of a run
    Status(StatusArgs),
    /// Cancel a run, or some of its empreendimentos
    ///
    /// Jobs that wait are cancelled at once. Those in hand commit nothing any more, and their workers
    /// give them up within seconds; a commit that came first stays. Cancelled jobs stay cancelled for
    /// resume and requeue, unless requeue --empreendimento-ids names them. status then exits with 8. A
    /// run that a schedule began and that is still to be planned never is; status then exits with 6.
    Cancel(CancelArgs),
    /// Show where published figures come from, the contratos behind them, and how they stood
    Explain(ExplainArgs),
    /// Show the figures that changed, between two runs or days, or since a month was closed
    Diff(DiffArgs),
    /// Close a month: keep what the tables hold of it as signed off
    ///
    /// The sync goes on, and the tables follow the ERP; the closed view never changes. What moves
    /// afterwards is shown by diff --since-close, explain and status.
    Close(CloseArgs),
    /// Reopen a closed month
    Reopen(ReopenArgs),
    /// List the closed months, with what moved since
    Closes(ClosesArgs),
    /// List the failed jobs of a run, with causes
    Failed(FailedArgs),
    /// Show or lift the stop of all sign-ins after a refusal
    Signin(SigninArgs),
    /// Pause the fleet: its workers take no new job, and end those in hand
    ///
    /// Every worker obeys within a second, mega-sync as well. Runs stay open: those who wait for them
    /// wait for the end of the pause, and the alerts that it would set off are silent. A pause
    /// replaces an earlier one.
    Pause(PauseArgs),
    /// Lift the pause of the fleet
    Unpause,
    /// Check every setting and service, and show what to do about problems
    ///
    /// Changes nothing: its writes to the database are rolled back, and its test queues on the
    /// broker are deleted. Exits with 0 when there is no problem, with or without warnings. Of
    /// several problems the first of these sets the code: settings, a service away, a refused
    /// sign-in, anything else.
    Doctor(DoctorArgs),
    /// Load the monthly IPCA, by which the values of active contratos are corrected
    #[command(subcommand)]
    Ipca(IpcaCommand),
    /// Show readers of the replaced system these tables as the ones they know (PostgreSQL)
    #[command(subcommand)]
    Views(ViewsCommand),
    /// Take over what the replaced system has of the time before ours (PostgreSQL)
    #[command(subcommand)]
    History(HistoryCommand),
    /// Compare the tables of the replaced system with these, with a cause for each difference
    ///
    /// Changes nothing. The old tables are in the same database, or where LEGACY_DATABASE_URL or
    /// LEGACY_DATABASE_URL_FILE says. Exits with 6 when a difference has no cause.
    Compare(CompareArgs),
    /// Export the figures as an Excel workbook or csv
    ///
    /// The workbook is in Portuguese: numbers are numbers and months are dates, totals are formulas, and
    /// it says PARCIAL when a month is missing, or a job is open or has failed. The same state of the
    /// database makes the same bytes. The file appears when it is complete.
    Export(ExportArgs),
    /// Try the channels of notifications, or list what was told
    #[command(subcommand)]
    Notify(NotifyCommand),
    /// Check that a run has completed lately
    ///
    /// For a watchdog outside: exits with 7 when no run has completed within --max-age.
    CheckFreshness(FreshnessArgs),
    /// Bring the database's schema up to date (every command but doctor does so too)
    Migrate,
    /// Print the completion script of a shell
    Completions(CompletionsArgs),
}

impl Command {
    /// Whether the log is to be started before it.
    pub const fn needs_log(&self) -> bool {
        match self {
            Self::Backfill(_)
            | Self::Requeue(_)
            | Self::Resume(_)
            | Self::Schedule(_)
            | Self::Prune(_) => true,
            Self::Common(command) => command.needs_log(),
        }
    }
}

impl CommonCommand {
    /// Whether the log is to be started before it. `doctor` reports unusable settings of the log
    /// itself, and `completions` needs no settings.
    pub const fn needs_log(&self) -> bool {
        !matches!(self, Self::Doctor(_) | Self::Completions(_))
    }
}

/// Arguments of `status`.
#[derive(Debug, Clone, Args)]
pub struct StatusArgs {
    /// Show this run [default: the newest]
    #[arg(long, value_name = "ID")]
    pub run: Option<RunId>,
    /// Update the output until the run ends
    #[arg(long, conflicts_with = "json")]
    pub watch: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `failed`.
#[derive(Debug, Clone, Args)]
pub struct FailedArgs {
    /// List jobs of this run [default: the newest]
    #[arg(long, value_name = "ID")]
    pub run: Option<RunId>,
    /// List causes instead of jobs, the most frequent first
    #[arg(long)]
    pub group: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `requeue`.
#[derive(Debug, Clone, Args)]
pub struct RequeueArgs {
    /// Requeue jobs of this run [default: the newest]
    #[arg(long, value_name = "ID")]
    pub run: Option<RunId>,
    /// Requeue these empreendimentos, by the ERP's code, cancelled ones too [default: all failed]
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub empreendimento_ids: Vec<EmpreendimentoId>,
    /// Requeue jobs that failed for this cause, a fingerprint of `failed --group`
    #[arg(long, value_name = "FINGERPRINT", value_parser = NonEmptyStringValueParser::new())]
    pub cause: Option<String>,
    /// Accept the failed plausibility checks, by name and subject. Another failed check fails the
    /// job again (--accept-shrink is an older name)
    #[arg(long, alias = "accept-shrink")]
    pub accept_change: bool,
    /// List the jobs and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `resume`.
#[derive(Debug, Clone, Args)]
pub struct ResumeArgs {
    /// Resume this run [default: the newest]
    #[arg(long, value_name = "ID")]
    pub run: Option<RunId>,
}

/// Arguments of `cancel`.
#[derive(Debug, Clone, Args)]
pub struct CancelArgs {
    /// Cancel jobs of this run
    #[arg(long, value_name = "ID")]
    pub run: RunId,
    /// Cancel these empreendimentos, by the ERP's code [default: all that is open, and the cash out]
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub empreendimento_ids: Vec<EmpreendimentoId>,
    /// Say why
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub why: String,
    /// List the jobs and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `signin`.
#[derive(Debug, Clone, Args)]
pub struct SigninArgs {
    /// Let the fleet sign in again, once the reason of the refusal is corrected
    #[arg(long)]
    pub retry: bool,
}

/// Arguments of `doctor`.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// Sign in to the ERP once if no session is alive. The fleet keeps the session
    #[arg(long)]
    pub sign_in: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// The commands of `ipca`.
#[derive(Debug, Clone, Subcommand)]
pub enum IpcaCommand {
    /// Fetch the series of the central bank (SGS 433), or of MEGA_SYNC_IPCA_URL
    Fetch,
    /// Load a file: the central bank's JSON, or lines such as 2026-01,0.33 or 01/01/2026;0,33
    Import {
        /// The file
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
}

/// Arguments of `completions`.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    /// The shell
    #[arg(value_enum)]
    pub shell: Shell,
}

fn day(text: &str) -> Result<NaiveDate, &'static str> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| "not a day, written YYYY-MM-DD")
}

#[cfg(test)]
mod tests;
