//! The workers that are alive. No I/O.

use chrono::{DateTime, Utc};
use domain::ledger::LivingWorker;
use queue::Depths;
use store::StoreError;

use super::check::Check;
use crate::text::counted;

const WORKERS: &str = "workers";

pub(super) fn in_process() -> Check {
    Check::skipped(WORKERS, "mega-sync works only while a command runs")
}

pub(super) fn unknown() -> Check {
    Check::skipped(WORKERS, "the ledger cannot be read")
}

pub(super) fn alive(
    fleet: Result<Vec<LivingWorker>, StoreError>,
    depths: Option<Depths>,
    now: DateTime<Utc>,
) -> Check {
    let fleet = match fleet {
        Ok(fleet) => fleet,
        Err(error) => return Check::failed(WORKERS, error, "see the checks of the database"),
    };
    let Some(last) = fleet.iter().map(|worker| worker.heartbeat_at).max() else {
        let waiting = depths.map_or(0, |depths| depths.ready + depths.delayed);
        let found = match waiting {
            0 => "none alive".to_owned(),
            1 => "none alive, and 1 message waits for one".to_owned(),
            _ => format!("none alive, and {waiting} messages wait for one"),
        };
        return Check::warning(WORKERS, found, "start one before the next run");
    };
    let jobs = fleet.iter().map(|worker| worker.jobs.len()).sum();
    let age = (now - last).num_seconds().max(0);
    let found = format!(
        "{} alive, {} in hand, last heartbeat {age} s ago",
        fleet.len(),
        counted(jobs, "job")
    );
    Check::ok(WORKERS, found)
}

#[cfg(test)]
mod tests;
