//! The command line of `schedule`.

use clap::{Args, Subcommand, ValueEnum};
use domain::schedule::ScheduleName;

/// The commands of `schedule` that every program has.
#[derive(Debug, Clone, Subcommand)]
pub enum ScheduleCommand {
    /// Add a schedule of backfills
    Add(AddScheduleArgs),
    /// List the schedules, with the next five times of each
    List {
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show a schedule, with its next times and what became of the last ones
    Show {
        /// Its name
        #[arg(value_name = "NAME")]
        name: ScheduleName,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Pause a schedule: its times are recorded as skipped
    Pause {
        /// Its name
        #[arg(value_name = "NAME")]
        name: ScheduleName,
        /// Record why
        #[arg(long, value_name = "TEXT")]
        why: Option<String>,
    },
    /// Resume a paused schedule
    Resume {
        /// Its name
        #[arg(value_name = "NAME")]
        name: ScheduleName,
    },
    /// Remove a schedule. Its runs stay
    Remove {
        /// Its name
        #[arg(value_name = "NAME")]
        name: ScheduleName,
    },
    /// Begin a run of a schedule now, beside its times
    RunNow {
        /// Its name
        #[arg(value_name = "NAME")]
        name: ScheduleName,
    },
    /// List what became of the times of a schedule, the newest first
    History {
        /// Its name
        #[arg(value_name = "NAME")]
        name: ScheduleName,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
}

/// The commands of `schedule` in a fleet.
#[derive(Debug, Clone, Subcommand)]
pub enum FleetScheduleCommand {
    /// The commands that every program has.
    #[command(flatten)]
    Common(ScheduleCommand),
    /// Begin the runs of all schedules at their times, until SIGTERM
    ///
    /// The program web does so too. Any number of them may run: each time begins one run.
    Run,
}

/// Arguments of `schedule add`.
#[derive(Debug, Clone, Args)]
pub struct AddScheduleArgs {
    /// Its name: small letters, digits and -
    #[arg(value_name = "NAME")]
    pub name: ScheduleName,
    /// When: minute, hour, day of the month, month, day of the week; seconds may stand first
    #[arg(long, value_name = "FIELDS")]
    pub cron: String,
    /// By the clock of this time zone
    #[arg(long, value_name = "ZONE", default_value = "America/Sao_Paulo")]
    pub tz: String,
    /// When a run of the schedule is still open at the next time: skip that time, or begin another run
    #[arg(long, value_enum, value_name = "WHAT", default_value_t = Overlap::Skip)]
    pub overlap: Overlap,
    /// The arguments of backfill. --dry-run, --wait, --timeout and --as-of have no place here
    #[arg(last = true, required = true, value_name = "ARGUMENTS")]
    pub arguments: Vec<String>,
}

/// What is done about a time while a run of the schedule is open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Overlap {
    /// The time is skipped.
    Skip,
    /// Another run begins.
    Allow,
}
