//! Why a schedule cannot be added, found or used.

use domain::schedule::ScheduleName;
use thiserror::Error;

use crate::text::list;

/// Why a schedule cannot be added, found or used.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum ScheduleError {
    /// The cron expression, and what is wrong with it.
    #[error("--cron {0:?} cannot be read: {1}")]
    Cron(String, String),
    /// No day matches the cron expression.
    #[error("--cron {0:?} never comes")]
    Never(String),
    /// No such time zone.
    #[error("--tz {0:?} is no time zone")]
    Zone(String),
    /// The arguments of backfill cannot be read.
    #[error("the arguments of backfill after --: {0}")]
    Arguments(String),
    /// A flag of backfill that has no place in a schedule.
    #[error("{0} has no place in a schedule")]
    NoPlace(&'static str),
    /// The name is taken.
    #[error("there is a schedule {0} already")]
    Taken(ScheduleName),
    /// There is no schedule of that name.
    #[error("there is no schedule {name}")]
    Unknown {
        /// The name.
        name: ScheduleName,
        /// Those that there are.
        known: Vec<ScheduleName>,
    },
}

impl ScheduleError {
    /// What to do about it, for the program of that name.
    pub(crate) fn hint(&self, program: &str) -> String {
        match self {
            Self::Cron(..) | Self::Never(_) => {
                "minute, hour, day of the month, month, day of the week: \"0 2 * * *\" is each \
                 night at two"
                    .to_owned()
            }
            Self::Zone(_) => "use a name such as America/Sao_Paulo or UTC".to_owned(),
            Self::Arguments(_) => format!("{program} backfill --help lists them"),
            Self::NoPlace(_) => {
                "leave it out: a run is as of the day on which it begins, and nobody waits for it"
                    .to_owned()
            }
            Self::Taken(name) => {
                format!("choose another name, or remove it first: {program} schedule remove {name}")
            }
            Self::Unknown { known, .. } if known.is_empty() => format!(
                "there is none yet; add one: {program} schedule add nightly --cron \"0 2 * * *\" \
                 -- --last-months 2"
            ),
            Self::Unknown { known, .. } => format!("there are: {}", list(known)),
        }
    }
}
