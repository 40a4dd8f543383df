//! What the database's answers mean. No I/O, except for the free space of a disk.

use std::path::{Path, PathBuf};

use chrono::TimeDelta;
use store::{Diagnosis, Schema, StoreError};

use super::check::Check;
use crate::exit::Exit;
use crate::program::Program;
use crate::text::{list, printable};

pub(super) const DATABASE: &str = "database";
const SCHEMA: &str = "schema";
const WRITE: &str = "write";
const CLOCK: &str = "clock";
const STORAGE: &str = "storage";

const SCHEMA_ADVICE: &str = "name a schema of its own, which migrate creates: --schema mega, or \
                             MEGA_SYNC_SCHEMA=mega";

/// Clocks further apart than this are a warning.
const LARGEST_DIFFERENCE: TimeDelta = TimeDelta::seconds(5);
/// A disk with less free space than this is a warning: the file grows with every run, and a commit
/// needs space for its write-ahead log.
const LEAST_FREE_BYTES: u64 = 1 << 30;

pub(super) fn unreachable(error: StoreError) -> Check {
    let advice = match &error {
        StoreError::Url(_) => "correct DATABASE_URL",
        StoreError::Schema(_) => SCHEMA_ADVICE,
        StoreError::Away(_) | StoreError::Contention(_) => {
            "check that it runs, and host and port of DATABASE_URL"
        }
        StoreError::Refused(_) | StoreError::Unsuitable(_) => {
            "check user, password and database of DATABASE_URL"
        }
    };
    Check::failed(DATABASE, error, advice)
}

pub(super) fn no_file(file: &Path) -> Check {
    let found = format!(
        "no file yet at {}: the first backfill creates it",
        file.display()
    );
    Check::skipped(DATABASE, found)
}

/// Version, schema and, where it is not this machine's own, clock.
pub(super) fn checks(diagnosis: &Diagnosis, has_a_clock: bool, program: Program) -> Vec<Check> {
    let mut checks = vec![
        Check::ok(DATABASE, printable(&diagnosis.version)),
        schema(&diagnosis.schema, program),
    ];
    if has_a_clock {
        checks.push(clock(diagnosis.clock_ahead));
    }
    checks
}

fn schema(schema: &Schema, program: Program) -> Check {
    let Schema {
        missing,
        unknown,
        altered,
        unfinished,
        foreign,
    } = schema;
    if !foreign.is_empty() {
        let found = format!("holds another program's tables: {}", list(foreign));
        return Check::problem(SCHEMA, Exit::Usage, found, SCHEMA_ADVICE);
    }
    if !unfinished.is_empty() {
        let found = format!("migration {} is unfinished", list(unfinished));
        let advice = "every program refuses to start; finish or undo it by hand, then correct \
                      success in _sqlx_migrations";
        return Check::problem(SCHEMA, Exit::Other, found, advice);
    }
    if !altered.is_empty() {
        let found = format!("migration {} differs from this build's", list(altered));
        let advice = "every program refuses to start; check the build and DATABASE_URL";
        return Check::problem(SCHEMA, Exit::Other, found, advice);
    }
    if !missing.is_empty() {
        let found = format!("migration {} not applied yet", list(missing));
        let advice = format!("run: {} migrate", program.name());
        return Check::warning(SCHEMA, found, advice);
    }
    if !unknown.is_empty() {
        let found = format!(
            "a newer build migrated it (migration {}); this build still works",
            list(unknown)
        );
        return Check::warning(SCHEMA, found, "update this machine to that build");
    }
    Check::ok(SCHEMA, "every migration applied, none unknown")
}

fn clock(ahead: TimeDelta) -> Check {
    let seconds = ahead.num_milliseconds() as f64 / 1000.0;
    if ahead.abs() <= LARGEST_DIFFERENCE {
        return Check::ok(CLOCK, format!("{:.1} s from the database's", seconds.abs()));
    }
    let way = if seconds > 0.0 { "ahead of" } else { "behind" };
    Check::warning(
        CLOCK,
        format!("{:.1} s {way} the database's", seconds.abs()),
        "set both by NTP. With this clock the ERP's session ends too early or too late, a backfill\n\
         near midnight has another day as today, and status shows wrong times. Heartbeats and\n\
         leases use the database's clock alone",
    )
}

/// Whether a write succeeded, in a transaction that was rolled back.
pub(super) fn write(tried: Result<(), StoreError>) -> Check {
    match tried {
        Ok(()) => Check::ok(WRITE, "may write to the ledger and delete from every table"),
        Err(error) => {
            let advice = "the role of DATABASE_URL needs SELECT, INSERT, UPDATE and DELETE on every \
                          table, and the database must not be a read-only copy";
            Check::failed(WRITE, error, advice)
        }
    }
}

pub(super) fn write_untried() -> Check {
    Check::skipped(WRITE, "there are no tables yet")
}

/// The size of a server's database.
pub(super) fn size(bytes: u64) -> Check {
    let found = format!(
        "the database uses {}; a client cannot see the free space of its server",
        megabytes(bytes)
    );
    Check::ok(STORAGE, found)
}

/// The free space where a file is or will be.
pub(super) fn free_space(file: &Path) -> Check {
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let folder = absolute.parent().map_or_else(PathBuf::new, Path::to_owned);
    match fs4::available_space(&folder) {
        Ok(bytes) => free(bytes, &folder),
        Err(error) => Check::problem(
            STORAGE,
            Exit::Other,
            format!("{}: {error}", folder.display()),
            "create the folder, or change DATABASE_URL",
        ),
    }
}

fn free(bytes: u64, folder: &Path) -> Check {
    let found = format!("{} free in {}", megabytes(bytes), folder.display());
    match bytes < LEAST_FREE_BYTES {
        true => Check::warning(STORAGE, found, "free some space, or commits fail"),
        false => Check::ok(STORAGE, found),
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests;
