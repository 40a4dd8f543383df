//! The tables of the replaced system.

use domain::store_error::StoreError;
use sqlx::PgConnection;

use crate::error::Failure;
use crate::schema_name::SchemaName;

/// Refuses a schema that lacks some of these tables.
pub(super) async fn require(
    connection: &mut PgConnection,
    legacy: &SchemaName,
    tables: &[&str],
) -> Result<(), Failure> {
    let mut missing = Vec::new();
    for table in tables {
        let table = format!("{legacy}.{table}");
        let found: bool = sqlx::query_scalar("SELECT to_regclass($1) IS NOT NULL")
            .bind(&table)
            .fetch_one(&mut *connection)
            .await?;
        if !found {
            missing.push(table);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let why = format!("there is no {}", missing.join(", "));
    Err(StoreError::Unsuitable(why).into())
}
