//! Schedules: their times, what is decided about each, and the process that begins their runs.
//!
//! Any number of schedulers look at the same ledger. A time is decided in one transaction with the run
//! that it begins, by whoever comes first; the run is planned afterwards, by whoever takes it.

mod asked;
mod deciding;
mod decision;
mod error;
mod planning;
mod scheduler;
mod times;

pub use self::asked::scheduled_run;
pub use self::deciding::Decision;
pub use self::decision::CATCH_UP;
pub use self::error::ScheduleError;
pub use self::scheduler::Scheduler;
pub use self::times::Times;

pub(crate) use self::asked::checked;
pub(crate) use self::decision::is_passing_over;

#[cfg(test)]
mod tests;
