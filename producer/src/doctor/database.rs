//! What the database's answers mean. Pure, but for the free space of a file's disk.

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

/// Clocks further apart than this are worth a word.
const LARGEST_DIFFERENCE: TimeDelta = TimeDelta::seconds(5);
/// A disk with less room than this is worth a word: the file grows with every run, and a commit
/// needs room for its write-ahead log beside it.
const LEAST_FREE_BYTES: u64 = 1 << 30;

pub(super) fn unreachable(error: StoreError) -> Check {
    let advice = match &error {
        StoreError::Url(_) => "correct DATABASE_URL",
        StoreError::Away(_) | StoreError::Contention(_) => {
            "is it running, and are host and port of DATABASE_URL right?"
        }
        StoreError::Refused(_) => "are user, password and database of DATABASE_URL right?",
    };
    Check::failed(DATABASE, error, advice)
}

pub(super) fn no_file(file: &Path) -> Check {
    let found = format!(
        "no file yet at {}: the first backfill makes it",
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
    } = schema;
    if !unfinished.is_empty() {
        let found = format!("migration {} began and never finished", list(unfinished));
        let advice = "every program refuses to start: finish or undo it by hand, then correct \
                      success in _sqlx_migrations";
        return Check::problem(SCHEMA, Exit::Other, found, advice);
    }
    if !altered.is_empty() {
        let found = format!("migration {} has another text than here", list(altered));
        let advice = "every program refuses to start: is this a build of another line, or the \
                      wrong database?";
        return Check::problem(SCHEMA, Exit::Other, found, advice);
    }
    if !missing.is_empty() {
        let found = format!("migration {} not applied yet", list(missing));
        let advice = format!("{} migrate, or start any program", program.name());
        return Check::warning(SCHEMA, found, advice);
    }
    if !unknown.is_empty() {
        let found = format!(
            "a newer build has been here (migration {}); this one works with it still",
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
        "set both by NTP. By this machine's clock the ERP's session ends too early or too late,\n\
         near midnight a backfill takes another day for today, and the times that status shows are\n\
         off. Who is alive and whose turn it is goes by the database's clock alone",
    )
}

/// Whether a write in a transaction that was rolled back was let through.
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
    Check::skipped(WRITE, "the tables are not there yet")
}

/// What a server's database takes up.
pub(super) fn size(bytes: u64) -> Check {
    let found = format!(
        "the database takes up {}; the free space of its server's disk is not visible to a client",
        megabytes(bytes)
    );
    Check::ok(STORAGE, found)
}

/// What is free where a file lies or will lie.
pub(super) fn free_space(file: &Path) -> Check {
    let absolute = std::path::absolute(file).unwrap_or_else(|_| file.to_owned());
    let folder = absolute.parent().map_or_else(PathBuf::new, Path::to_owned);
    match fs4::available_space(&folder) {
        Ok(bytes) => free(bytes, &folder),
        Err(error) => Check::problem(
            STORAGE,
            Exit::Other,
            format!("{}: {error}", folder.display()),
            "make the folder, or name another in DATABASE_URL",
        ),
    }
}

fn free(bytes: u64, folder: &Path) -> Check {
    let found = format!("{} free in {}", megabytes(bytes), folder.display());
    match bytes < LEAST_FREE_BYTES {
        true => Check::warning(STORAGE, found, "make room: a commit without it fails"),
        false => Check::ok(STORAGE, found),
    }
}

fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests;
