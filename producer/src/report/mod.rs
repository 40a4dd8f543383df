//! The answers of the commands as data: what `--json` prints and what text is made of.

mod balances;
mod cancellation;
mod causes;
mod changes;
mod checks;
mod closes;
mod diff;
mod explanation;
mod freshness;
mod moment;
mod moved;
mod opened;
mod readiness;
mod rules;
mod runs;
mod schedules;
mod standing;
mod steps;
mod summary;

pub(crate) use self::balances::adds_up;
#[cfg(test)]
pub(crate) use self::balances::balances;
pub(crate) use self::causes::{NO_CAUSE, failed_causes};
#[cfg(test)]
pub(crate) use self::changes::changes;
pub(crate) use self::explanation::imported;
#[cfg(test)]
pub(crate) use self::explanation::rules_of;
pub(crate) use self::rules::column_rules;

pub use self::cancellation::Cancellation;
pub use self::causes::{CauseGroup, Example, FailedCause, GroupedJob};
pub use self::changes::Change;
pub use self::checks::Checks;
pub use self::closes::{ListedClose, after_close};
pub use self::diff::{Between, Diff, DiffFilter, DiffTotal, FigureChange, diff, times};
pub use self::explanation::{Explanation, explanation};
pub use self::freshness::last_complete;
pub use self::moment::{Moment, end_of_day};
pub use self::moved::{ContratoMove, Movement};
pub use self::opened::{ContratoPart, Opened, OpenedFigure, Wanted, is_sum, opened};
pub use self::readiness::{Obstacle, obstacles};
pub use self::rules::RULES;
pub use self::runs::{find_run, progress, summarise};
pub use self::schedules::{ListedSchedule, ListedTime, ScheduleState};
pub use self::standing::{Standing, signed_off, standing};
pub use self::steps::{NextStep, next_steps};
pub use self::summary::{RefusedSignIn, Summary, Verdict};
