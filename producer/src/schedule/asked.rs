//! What a run of a schedule is asked to do.

use chrono::{DateTime, Utc};
use domain::job::RunId;
use domain::schedule::{ScheduleRecord, ScheduledRun};

use super::error::ScheduleError;
use crate::cli::{BackfillArgs, read_flags, said};
use crate::error::CommandError;
use crate::plan::Request;

/// The arguments of `backfill` that a schedule has, checked at `now`, before it is added.
///
/// # Errors
/// When they cannot be read, one has no place in a schedule, or they ask for an impossible window.
pub(crate) fn checked(arguments: &[String], now: DateTime<Utc>) -> Result<(), CommandError> {
    let args = read(arguments)?;
    let misplaced = [
        (args.dry_run, "--dry-run"),
        (args.wait, "--wait"),
        (args.timeout.is_some(), "--timeout"),
        (args.as_of.is_some(), "--as-of"),
    ];
    if let Some((_, flag)) = misplaced.into_iter().find(|(given, _)| *given) {
        return Err(ScheduleError::NoPlace(flag).into());
    }
    Request::resolve(&args, now)?;
    Ok(())
}

/// What the arguments of a schedule ask for at `now`.
///
/// # Errors
/// When they cannot be read, or ask for an impossible window.
pub(crate) fn request_of(
    arguments: &[String],
    now: DateTime<Utc>,
) -> Result<Request, CommandError> {
    Ok(Request::resolve(&read(arguments)?, now)?)
}

/// The run that a schedule begins at `now`, asked for `by` somebody. Its window is fixed here, so that
/// every try at planning it plans the same.
///
/// # Errors
/// When the arguments of the schedule ask for an impossible window by now.
pub fn scheduled_run(
    schedule: &ScheduleRecord,
    by: String,
    now: DateTime<Utc>,
) -> Result<ScheduledRun, CommandError> {
    let request = request_of(&schedule.arguments, now)?;
    Ok(ScheduledRun {
        id: RunId::new(now),
        schedule: schedule.name.clone(),
        arguments: schedule.arguments.clone(),
        params: request.params,
        payables: request.payables,
        replace_newer: request.replace_newer,
        by,
        created_at: now,
    })
}

fn read(arguments: &[String]) -> Result<BackfillArgs, ScheduleError> {
    read_flags(arguments).map_err(|error| ScheduleError::Arguments(said(&error)))
}
