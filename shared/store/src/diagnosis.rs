//! What a database says about itself.

use chrono::TimeDelta;
use sqlx::migrate::Migrator;

/// A database as it stands; asking changes nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Its name and version.
    pub version: String,
    /// What its data takes up.
    pub size_bytes: u64,
    /// How far this machine's clock is ahead of the database's, give or take the time that the
    /// question took. Nothing where they are the same clock.
    pub clock_ahead: TimeDelta,
    /// How its schema compares with the one this build knows.
    pub schema: Schema,
}

/// Migrations by number, where the database and this build differ.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Schema {
    /// Known to this build and not applied.
    pub missing: Vec<i64>,
    /// Applied and not known to this build: a newer one was here.
    pub unknown: Vec<i64>,
    /// Applied with another text than this build has.
    pub altered: Vec<i64>,
    /// Begun and never finished.
    pub unfinished: Vec<i64>,
    /// Tables of another program with the names of this one's, which keep it from being migrated.
    pub foreign: Vec<String>,
}

/// A migration as the database remembers it.
#[derive(Debug)]
pub struct Applied {
    pub version: i64,
    pub success: bool,
    pub checksum: Vec<u8>,
}

impl Schema {
    /// Compares what this build knows with what was applied.
    pub(crate) fn compare(known: &Migrator, applied: &[Applied]) -> Self {
        let known = || {
            let ups = known.iter();
            ups.filter(|migration| !migration.migration_type.is_down_migration())
        };
        let mut schema = Self::default();
        for migration in applied {
            match known().find(|known| known.version == migration.version) {
                _ if !migration.success => schema.unfinished.push(migration.version),
                None => schema.unknown.push(migration.version),
                Some(known) if *known.checksum != *migration.checksum => {
                    schema.altered.push(migration.version);
                }
                Some(_) => {}
            }
        }
        let is_missing = |version: &i64| {
            !applied
                .iter()
                .any(|migration| migration.version == *version)
        };
        schema.missing = known()
            .map(|known| known.version)
            .filter(is_missing)
            .collect();
        schema
    }
}
