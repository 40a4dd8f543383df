//! How the database stands, and whether it may be written to.

use crate::error::Failure;
use chrono::{DateTime, Utc};
use sqlx::{AssertSqlSafe, Executor, IntoArguments};

use super::SqlStore;
use super::dialect::{Dialect, Value};
use super::jobs::PUBLISHED;
use super::workers::ALIVE;
use crate::{Diagnosis, Schema};
use domain::ledger::WorkerId;

impl<DB> SqlStore<DB>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    DateTime<Utc>: Value<DB>,
{
    pub(super) async fn find_state(&self) -> Result<Diagnosis, Failure> {
        let mut connection = self.pool.acquire().await?;
        let (version, size) = DB::version_and_size(&mut connection).await?;
        let schema = Schema::compare(DB::migrations(), &DB::applied(&mut connection).await?);
        let asked = Utc::now();
        let now = DB::now(&mut connection).await?;
        // The database's answer is of some moment in between.
        let clock_ahead = asked + (Utc::now() - asked) / 2 - now;
        Ok(Diagnosis {
            version,
            size_bytes: size.unsigned_abs(),
            clock_ahead,
            schema,
        })
    }

    pub(super) async fn write_and_roll_back(&self) -> Result<(), Failure> {
        let mut tx = self.begin().await?;
        let now = DB::now(&mut tx).await?;
        sqlx::query::<DB>(ALIVE)
            .bind(WorkerId::of_this_process().to_string())
            .bind(now)
            .execute(&mut *tx)
            .await?;
        for (table, _) in PUBLISHED {
            // Asks for the right to delete, and finds nothing to use it on.
            let table = DB::amounts_table(table);
            let delete = AssertSqlSafe(format!("DELETE FROM {table} WHERE 1 = 0"));
            sqlx::query::<DB>(delete).execute(&mut *tx).await?;
        }
        tx.rollback().await?;
        Ok(())
    }
}
