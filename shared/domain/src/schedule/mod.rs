//! Schedules: what begins runs by itself, at which times, and what became of each time.

mod name;
mod record;
mod run;
mod time;

pub use self::name::{NotAScheduleName, ScheduleName};
pub use self::record::{NewSchedule, SchedulePause, ScheduleRecord};
pub use self::run::{Planning, ScheduledRun};
pub use self::time::{DecidedTime, MISSED, MissedTimes, TimeOutcome, TimeRecord};
