//! The answers of the commands as text for people. Amounts are Brazilian: `R$ 6.844.365,40`.

mod causes;
mod checks;
mod closes;
mod diff;
mod explanation;
mod failed;
mod manifest;
mod money;
mod next;
mod opened;
mod payables;
mod plan;
mod progress;
mod schedules;
mod summary;
mod watch;

pub(crate) use self::causes::failed_causes;
pub(crate) use self::closes::closes;
pub(crate) use self::diff::diff;
pub(crate) use self::explanation::{explanation, standing};
pub(crate) use self::failed::failed_jobs;
pub(crate) use self::opened::opened;
pub(crate) use self::plan::plan;
pub(crate) use self::progress::progress;
pub(crate) use self::schedules::{schedule, schedules, times};
pub(crate) use self::summary::summary;
pub(crate) use self::watch::{Frame, watch};

pub use self::money::reais_of;
