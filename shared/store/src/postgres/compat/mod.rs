//! Views for the readers of the replaced system, and the ids that these know.

mod text;

use async_trait::async_trait;
use domain::store_error::StoreError;
use sqlx::postgres::PgRow;
use sqlx::{AssertSqlSafe, PgConnection, Row as _};

use self::text::{Column, FREEZE, IDS, SCHEMA, VIEWS, filled, fingerprint};
use super::old_tables::require;
use super::{PostgresStore, schema};
use crate::compat::{Compat, InstalledViews, Views};
use crate::error::Failure;
use crate::schema_name::SchemaName;
use crate::sql::sql_store::in_time;

/// Codes from here on have no room in the ids' ranges.
const CODES: i64 = 500_000_000;
/// Ids of new codes begin here.
const NEW_IDS: i64 = 1_000_000_000;

const COLUMNS: &str = "
SELECT CAST(a.attname AS text) AS name, pg_get_expr(d.adbin, d.adrelid) AS default_value
FROM pg_attribute a
LEFT JOIN pg_attrdef d ON d.adrelid = a.attrelid AND d.adnum = a.attnum
WHERE a.attrelid = to_regclass($1) AND a.attnum > 0 AND NOT a.attisdropped
ORDER BY a.attnum";

const RECORD: &str = "
INSERT INTO sync_views (schema_name, legacy_schema, floor_month, fingerprint, installed_at, installed_by)
VALUES ($1, $2, $3, $4, clock_timestamp(), $5)
ON CONFLICT (schema_name) DO UPDATE
SET legacy_schema = excluded.legacy_schema, floor_month = excluded.floor_month,
    fingerprint = excluded.fingerprint, installed_at = excluded.installed_at,
    installed_by = excluded.installed_by";

#[async_trait]
impl Compat for PostgresStore {
    async fn install_views(&self, views: &Views, by: &str) -> Result<(), StoreError> {
        in_time(async {
            let mut tx = self.pool.begin().await?;
            let statements = statements(&mut tx, views).await?;
            sqlx::raw_sql(AssertSqlSafe(statements))
                .execute(&mut *tx)
                .await?;
            sqlx::query(RECORD)
                .bind(views.into.to_string())
                .bind(views.legacy.to_string())
                .bind(views.floor_month.map(|month| month.to_string()))
                .bind(fingerprint())
                .bind(by)
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(())
        })
        .await
    }

    async fn views_as_sql(&self, views: &Views) -> Result<String, StoreError> {
        in_time(async {
            let mut tx = self.pool.begin().await?;
            let statements = statements(&mut tx, views).await?;
            tx.rollback().await?;
            Ok(statements)
        })
        .await
    }

    async fn refresh_views(&self, into: &SchemaName, freeze: bool) -> Result<u64, StoreError> {
        in_time(async {
            let mut tx = self.pool.begin().await?;
            let InstalledViews {
                views, frozen_at, ..
            } = installed(&mut tx, into).await?;
            let frozen = frozen_at.is_some();
            let ours = schema::ours(&mut tx).await?;
            let mut statements = String::new();
            if !frozen {
                statements += IDS;
                if freeze {
                    statements += FREEZE;
                }
            }
            let statements = AssertSqlSafe(filled(&statements, &views, &ours));
            sqlx::raw_sql(statements).execute(&mut *tx).await?;
            if freeze && !frozen {
                let freeze =
                    "UPDATE sync_views SET frozen_at = clock_timestamp() WHERE schema_name = $1";
                sqlx::query(freeze)
                    .bind(into.to_string())
                    .execute(&mut *tx)
                    .await?;
            }
            let count = format!("SELECT COUNT(*) FROM {into}.mega_sync_ids");
            let count: i64 = sqlx::query_scalar(AssertSqlSafe(count))
                .fetch_one(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(count.unsigned_abs())
        })
        .await
    }

    async fn drop_views(&self, into: &SchemaName) -> Result<(), StoreError> {
        in_time(async {
            let mut tx = self.pool.begin().await?;
            installed(&mut tx, into).await?;
            let drop = AssertSqlSafe(format!("DROP SCHEMA {into} CASCADE"));
            sqlx::raw_sql(drop).execute(&mut *tx).await?;
            sqlx::query("DELETE FROM sync_views WHERE schema_name = $1")
                .bind(into.to_string())
                .execute(&mut *tx)
                .await?;
            tx.commit().await?;
            Ok(())
        })
        .await
    }

    async fn installed_views(&self) -> Result<Vec<InstalledViews>, StoreError> {
        in_time(async { all_installed(&mut *self.pool.acquire().await?).await }).await
    }
}

/// Everything that an installation runs, after the checks that nothing stands against it.
async fn statements(connection: &mut PgConnection, views: &Views) -> Result<String, Failure> {
    let ours = schema::ours(connection).await?;
    let before = recorded(connection, &views.into).await?;
    check(connection, views, &ours, before.is_some()).await?;
    let mut text = format!("CREATE SCHEMA IF NOT EXISTS {};\n", views.into);
    if before.is_some() {
        for view in VIEWS.iter().rev() {
            text += &format!("DROP VIEW {}.{};\n", views.into, view.name);
            text += &format!("DROP FUNCTION {}.{}_write();\n", views.into, view.name);
        }
    }
    text += &filled(SCHEMA, views, &ours);
    if before.is_none_or(|before| before.frozen_at.is_none()) {
        text += &filled(IDS, views, &ours);
    }
    // Defaults are to name the schema of their sequence.
    sqlx::query("SET LOCAL search_path = pg_catalog")
        .execute(&mut *connection)
        .await?;
    for view in &VIEWS {
        let table = format!("{}.{}", views.legacy, view.name);
        let rows = sqlx::query(COLUMNS)
            .bind(&table)
            .fetch_all(&mut *connection)
            .await?;
        let columns = rows.iter().map(|row| {
            Ok(Column {
                name: row.try_get("name")?,
                default: row.try_get("default_value")?,
            })
        });
        let columns: Result<Vec<_>, sqlx::Error> = columns.collect();
        text += &view.statements(views, &ours, &columns?);
    }
    let back = format!("SET LOCAL search_path = {ours}");
    sqlx::query(AssertSqlSafe(back))
        .execute(&mut *connection)
        .await?;
    if let Some(role) = &views.grant {
        let into = &views.into;
        let written = VIEWS.each_ref().map(|view| format!("{into}.{}", view.name));
        // The ids are not among them.
        text += &format!(
            "GRANT USAGE ON SCHEMA {into} TO {role};
GRANT SELECT ON ALL TABLES IN SCHEMA {into} TO {role};
GRANT INSERT, UPDATE, DELETE ON {} TO {role};
",
            written.join(", ")
        );
    }
    Ok(text)
}

/// As [`recorded`], of a schema that must have views.
async fn installed(
    connection: &mut PgConnection,
    into: &SchemaName,
) -> Result<InstalledViews, Failure> {
    let recorded = recorded(connection, into).await?;
    recorded.ok_or_else(|| StoreError::Unsuitable(format!("there are no views in {into}")).into())
}

/// What was installed into a schema.
async fn recorded(
    connection: &mut PgConnection,
    into: &SchemaName,
) -> Result<Option<InstalledViews>, Failure> {
    let installed = all_installed(connection).await?;
    Ok(installed
        .into_iter()
        .find(|installed| installed.views.into == *into))
}

/// What was installed, whichever the schema.
async fn all_installed(connection: &mut PgConnection) -> Result<Vec<InstalledViews>, Failure> {
    let rows = sqlx::query(
        "SELECT schema_name, legacy_schema, floor_month, installed_at, fingerprint, frozen_at
         FROM sync_views ORDER BY schema_name",
    )
    .fetch_all(connection)
    .await?;
    rows.iter().map(of_row).collect()
}

fn of_row(row: &PgRow) -> Result<InstalledViews, Failure> {
    let unreadable = |_| StoreError::Refused("sync_views cannot be read".to_owned());
    let name = |column| -> Result<SchemaName, Failure> {
        let name: String = row.try_get(column)?;
        Ok(name.parse().map_err(unreadable)?)
    };
    let floor: Option<String> = row.try_get("floor_month")?;
    Ok(InstalledViews {
        views: Views {
            legacy: name("legacy_schema")?,
            into: name("schema_name")?,
            grant: None,
            floor_month: floor.and_then(|month| month.parse().ok()),
        },
        at: row.try_get("installed_at")?,
        outdated: row.try_get::<String, _>("fingerprint")? != fingerprint(),
        frozen_at: row.try_get("frozen_at")?,
    })
}

/// Whether the views can be installed.
async fn check(
    connection: &mut PgConnection,
    views: &Views,
    ours: &str,
    again: bool,
) -> Result<(), Failure> {
    let (legacy, into) = (&views.legacy, &views.into);
    let refuse = |why: String| Err(StoreError::Unsuitable(why).into());
    if legacy == into || [legacy, into].iter().any(|name| name.to_string() == ours) {
        return refuse("old tables, views and our tables need a schema each".to_owned());
    }
    require(connection, legacy, &VIEWS.each_ref().map(|view| view.name)).await?;
    let taken: bool = sqlx::query_scalar(
        "SELECT EXISTS (SELECT FROM pg_class WHERE relnamespace = to_regnamespace($1))",
    )
    .bind(into.to_string())
    .fetch_one(&mut *connection)
    .await?;
    if taken && !again {
        return refuse(format!(
            "schema {into} has something in it: the views need one of their own"
        ));
    }
    for table in ["empreendimentos", "filiais"] {
        let query = format!(
            "SELECT (SELECT MAX(id)::bigint FROM {ours}.{table}) AS code,
                    (SELECT MAX(id)::bigint FROM {legacy}.{table}) AS id"
        );
        let row = sqlx::query(AssertSqlSafe(query))
            .fetch_one(&mut *connection)
            .await?;
        let code: Option<i64> = row.try_get("code")?;
        if let Some(code) = code.filter(|code| *code >= CODES) {
            return refuse(format!(
                "{table} has code {code}: ids have room up to {CODES}"
            ));
        }
        let id: Option<i64> = row.try_get("id")?;
        if let Some(id) = id.filter(|id| *id >= NEW_IDS) {
            return refuse(format!(
                "{legacy}.{table} has id {id}: new ones begin at {NEW_IDS}"
            ));
        }
    }
    Ok(())
}
