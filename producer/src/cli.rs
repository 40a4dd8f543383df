//! The command line. The argument structs serve every binary that has these commands.

use chrono::NaiveDate;
use clap::builder::NonEmptyStringValueParser;
use clap::{Args, Parser, Subcommand};
use clap_complete::Shell;
use domain::job::{EmpreendimentoId, RunId};
use domain::month::Month;

/// Months a window may touch without `--force`, unless the environment says otherwise.
const DEFAULT_MAX_MONTHS: u32 = 24;

/// Plans backfills of the Mega ERP's data, hands them to the workers, and tells how they stand.
#[derive(Debug, Parser)]
#[command(name = "producer", version)]
pub struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands of `producer`.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Bring the tables up to date for the months of a window
    Backfill(BackfillArgs),
    /// Enqueue the failed jobs of a run again
    Requeue(RequeueArgs),
    /// Publish what a run recorded but the broker never confirmed, or confirmed and lost
    ///
    /// What was never confirmed is published at once. What was confirmed is published again only
    /// when it is provably lost (the queue was purged, the broker's disk is gone): no living
    /// worker has the job, nothing has happened to it for two minutes, and the work and retry
    /// queues are empty of messages, of whichever run, at two looks some seconds apart. Of two
    /// such commands at once each publishes its own part.
    Resume(ResumeArgs),
    /// The commands that every program has.
    #[command(flatten)]
    Common(CommonCommand),
}

/// The commands that are the same in every program: they put nothing into the queue.
#[derive(Debug, Subcommand)]
pub enum CommonCommand {
    /// Show the status of a run
    Status(StatusArgs),
    /// Show where published figures come from, and what changed since the commit before
    Explain(ExplainArgs),
    /// List the failed jobs of a run, with causes
    Failed(FailedArgs),
    /// Show or lift the stop of all sign-ins after a refusal
    Signin(SigninArgs),
    /// Check every setting and service, and show what to do about problems
    ///
    /// Leaves all as it was: what it tries in the database is rolled back, and what it tries on the
    /// broker is in queues of its own, gone afterwards. Exits with 0 when there is no problem, warnings
    /// or not; of several problems the first of these counts: settings, a service away, a refused
    /// sign-in, anything else.
    Doctor(DoctorArgs),
    /// Bring the database's schema up to date (every command but doctor does so too)
    Migrate,
    /// Print the completion script of a shell
    Completions(CompletionsArgs),
}

impl Command {
    /// Whether the log is to be started before it.
    pub const fn needs_log(&self) -> bool {
        match self {
            Self::Backfill(_) | Self::Requeue(_) | Self::Resume(_) => true,
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

/// Arguments of `backfill`.
#[derive(Debug, Clone, Args)]
pub struct BackfillArgs {
    /// First day of the window, included; every month touched is computed whole
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub start_date: NaiveDate,
    /// Last day of the window, included [default: the day before --as-of]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub end_date: Option<NaiveDate>,
    /// Only these empreendimentos, by the ERP's code, and no cash out; without it, all
    /// empreendimentos and the cash out of all filiais
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub empreendimento_ids: Vec<EmpreendimentoId>,
    /// Refuse a window that touches more months than this
    #[arg(
        long,
        value_name = "N",
        env = "MEGA_SYNC_MAX_MONTHS",
        hide_env_values = true,
        default_value_t = DEFAULT_MAX_MONTHS,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub max_months: u32,
    /// Accept a window of more than --max-months
    #[arg(long)]
    pub force: bool,
    /// Leave out empreendimentos of which every month of the window was committed within the last H
    /// hours, as of a day at most so many hours older, in whole days; the cash out is never left out
    #[arg(long, value_name = "H", value_parser = clap::value_parser!(u32).range(1..=87_600))]
    pub skip_recent_hours: Option<u32>,
    /// The day to take for today [default: today in America/Sao_Paulo]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub as_of: Option<NaiveDate>,
    /// Plan the run although the ERP lists far fewer empreendimentos than before
    #[arg(long)]
    pub accept_change: bool,
    /// Overwrite months and due days that a later view has written, as after a run with an --as-of in
    /// the future; the run records who asked for it
    #[arg(long)]
    pub replace_newer: bool,
    /// Print the plan and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Follow the run to its end and exit by its outcome; with 7 when nothing can move it any more (no
    /// worker alive for two minutes, or no message for its open jobs)
    #[arg(long, conflicts_with = "dry_run")]
    pub wait: bool,
    /// Wait no longer than this many seconds, then exit with 7; the run goes on
    #[arg(long, value_name = "SECONDS", requires = "wait", value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: Option<u64>,
}

/// Arguments of `status`.
#[derive(Debug, Clone, Args)]
pub struct StatusArgs {
    /// The run to ask about [default: the newest]
    #[arg(long, value_name = "ID")]
    pub run: Option<RunId>,
    /// Keep the answer up to date until the run has ended
    #[arg(long, conflicts_with = "json")]
    pub watch: bool,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `explain`.
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// The empreendimento whose figures to explain, by the ERP's code
    #[arg(long, value_name = "ID", required_unless_present = "saidas_caixa")]
    pub empreendimento_id: Option<EmpreendimentoId>,
    /// Explain the cash out of all filiais instead
    #[arg(long, conflicts_with = "empreendimento_id")]
    pub saidas_caixa: bool,
    /// Only this month, with its values [default: which months were written by which run]
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Option<Month>,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `failed`.
#[derive(Debug, Clone, Args)]
pub struct FailedArgs {
    /// The run to ask about [default: the newest]
    #[arg(long, value_name = "ID")]
    pub run: Option<RunId>,
    /// One entry a cause instead of one a job, the most frequent first
    #[arg(long)]
    pub group: bool,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `requeue`.
#[derive(Debug, Clone, Args)]
pub struct RequeueArgs {
    /// The run whose failed jobs to enqueue again [default: the newest]
    #[arg(long, value_name = "ID")]
    pub run: Option<RunId>,
    /// Only these empreendimentos, by the ERP's code; without it, all that failed
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub empreendimento_ids: Vec<EmpreendimentoId>,
    /// Only what failed for this cause, by the fingerprint that `failed --group` shows
    #[arg(long, value_name = "FINGERPRINT", value_parser = NonEmptyStringValueParser::new())]
    pub cause: Option<String>,
    /// Accept the checks that failed as implausible, by name and subject; another check that fails
    /// fails the job again (--accept-shrink is an older name)
    #[arg(long, alias = "accept-shrink")]
    pub accept_change: bool,
    /// List what would be enqueued and change nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `resume`.
#[derive(Debug, Clone, Args)]
pub struct ResumeArgs {
    /// The run to publish the rest of [default: the newest]
    #[arg(long, value_name = "ID")]
    pub run: Option<RunId>,
}

/// Arguments of `signin`.
#[derive(Debug, Clone, Args)]
pub struct SigninArgs {
    /// Let the fleet sign in again, after a refusal whose reason was found and removed
    #[arg(long)]
    pub retry: bool,
}

/// Arguments of `doctor`.
#[derive(Debug, Clone, Args)]
pub struct DoctorArgs {
    /// Sign in to the ERP where no session is alive: one sign-in, whose session the fleet keeps
    #[arg(long)]
    pub sign_in: bool,
    /// Answer in JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `completions`.
#[derive(Debug, Clone, Args)]
pub struct CompletionsArgs {
    /// The shell to print it for
    #[arg(value_enum)]
    pub shell: Shell,
}

fn day(text: &str) -> Result<NaiveDate, &'static str> {
    NaiveDate::parse_from_str(text, "%Y-%m-%d").map_err(|_| "not a day, written YYYY-MM-DD")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, clap::error::ErrorKind> {
        let words = std::iter::once("producer").chain(line.split(' '));
        Cli::try_parse_from(words)
            .map(|cli| cli.command)
            .map_err(|error| error.kind())
    }

    #[test]
    fn ids_come_separated_by_commas() {
        let line = "backfill --start-date 2026-01-01 --empreendimento-ids 1471,1472";
        let Ok(Command::Backfill(args)) = parse(line) else {
            panic!("{line} is not understood");
        };
        let ids: Vec<_> = args.empreendimento_ids.iter().map(|id| id.get()).collect();
        assert_eq!(ids, [1471, 1472]);
    }

    #[test]
    fn an_explanation_is_of_an_empreendimento_or_of_the_cash_out() {
        for line in [
            "explain --empreendimento-id 1471 --month 2026-01 --json",
            "explain --saidas-caixa --month 2026-01",
        ] {
            assert!(
                matches!(parse(line), Ok(Command::Common(CommonCommand::Explain(_)))),
                "{line}"
            );
        }
    }

    #[test]
    fn refuses_what_makes_no_sense() {
        for line in [
            "backfill",
            "backfill --start-date 01/02/2026",
            "backfill --start-date 2026-02-30",
            "backfill --start-date 2026-01-01 --empreendimento-ids 0",
            "backfill --start-date 2026-01-01 --empreendimento-ids 1471;1472",
            "backfill --start-date 2026-01-01 --skip-recent-hours 0",
            "backfill --start-date 2026-01-01 --max-months 0",
            "backfill --start-date 2026-01-01 --dry-run --wait",
            "status --watch --json",
            "requeue --cause=",
            "explain",
            "explain --empreendimento-id 1471 --saidas-caixa",
            "explain --empreendimento-id 1471 --month 2026-13",
            "status --run Not/A/Run",
        ] {
            assert!(parse(line).is_err(), "{line}");
        }
    }
}
