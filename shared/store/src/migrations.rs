//! The migrations this build knows, embedded in it.

use std::sync::LazyLock;

use sqlx::SqlSafeStr as _;
use sqlx::migrate::{Migration, MigrationType, Migrator};

/// The name of a migration, `0001_what_it_does`, with what brings it about and what undoes it.
type Embedded = (&'static str, &'static str, &'static str);

/// The migrations of a folder; both databases have the same.
macro_rules! embedded {
    ($folder:literal) => {
        embedded!(
            $folder:
            "0001_published_tables",
            "0002_ledger",
            "0003_requeues",
            "0004_leases",
            "0005_more_to_come",
            "0006_checks",
            "0007_deferred_since",
            "0008_learned_calls",
            "0009_payables",
            "0010_ipca_loads",
            "0011_views",
            "0012_imported_history",
            "0013_actions",
            "0014_lookups",
            "0015_parts",
            "0016_cells",
            "0017_closes",
            "0018_why",
            "0019_pause",
            "0020_schedules",
            "0021_urgent",
        )
    };
    ($folder:literal: $($name:literal,)*) => {
        [$((
            $name,
            include_str!(concat!("../../../migrations/", $folder, "/", $name, ".up.sql")),
            include_str!(concat!("../../../migrations/", $folder, "/", $name, ".down.sql")),
        ),)*]
    };
}

/// The schema of PostgreSQL.
pub static POSTGRES: LazyLock<Migrator> = LazyLock::new(|| migrator(&embedded!("postgres")));

/// The schema of SQLite.
pub static SQLITE: LazyLock<Migrator> = LazyLock::new(|| migrator(&embedded!("sqlite")));

/// A schema that a newer build has migrated further is fine: migrations only add what older builds
/// do not use, so that both can work side by side during an upgrade.
fn migrator(embedded: &[Embedded]) -> Migrator {
    let migrations = embedded.iter().flat_map(|(name, up, down)| {
        let (number, what) = name.split_once('_').expect("a number and a text");
        let version = number.parse().expect("a number");
        [
            (MigrationType::ReversibleUp, *up),
            (MigrationType::ReversibleDown, *down),
        ]
        .map(|(direction, sql)| {
            let what = what.replace('_', " ").into();
            Migration::new(version, what, direction, sql.into_sql_str(), false)
        })
    });
    let mut migrator = Migrator::with_migrations(migrations.collect());
    migrator.set_ignore_missing(true);
    migrator
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    /// What a database remembers of each migration, and how it is run. The text is in its checksum.
    fn facts(migrator: &Migrator) -> Vec<impl PartialEq + std::fmt::Debug> {
        let one = |one: &Migration| {
            let checksum = one.checksum.iter().map(|byte| format!("{byte:02x}"));
            let checksum: String = checksum.collect();
            let description = one.description.to_string();
            (
                one.version,
                description,
                one.migration_type,
                checksum,
                one.no_tx,
            )
        };
        migrator.migrations.iter().map(one).collect()
    }

    #[tokio::test]
    async fn every_file_is_embedded_as_sqlx_reads_it() {
        for (folder, embedded) in [("postgres", &*POSTGRES), ("sqlite", &*SQLITE)] {
            let files = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../migrations");
            let files = Migrator::new(files.join(folder)).await.unwrap();
            assert_eq!(facts(embedded), facts(&files), "{folder}");
        }
    }
}
