//! A statement with its parameters, run over a connection.

use sqlx::query::Query;
use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::dialect::Dialect;
use super::row::Row;
use super::values::Holds;
use crate::error::Failure;

/// A statement that is being put together.
#[must_use]
pub struct Statement<DB: Dialect> {
    query: Query<'static, DB, DB::Arguments>,
}

/// A statement without its parameters.
pub fn statement<DB: Dialect>(text: impl SqlSafeStr) -> Statement<DB> {
    Statement {
        query: sqlx::query(text),
    }
}

/// As [`statement`], of a text in which `{each}` stands for the database's function that makes rows
/// of a JSON array.
pub fn statement_of_rows<DB: Dialect>(text: &'static str) -> Statement<DB> {
    // Safe, as both parts are constants.
    statement(AssertSqlSafe(text.replace("{each}", DB::JSON_EACH)))
}

impl<DB: Dialect> Statement<DB> {
    /// The next parameter.
    pub fn bind<T>(self, value: T) -> Self
    where
        DB: Holds<T>,
    {
        Self {
            query: <DB as Holds<T>>::bind(self.query, value),
        }
    }

    /// Runs it, and gives how many rows it wrote.
    pub async fn execute(self, connection: &mut DB::Connection) -> Result<u64, Failure> {
        Ok(DB::rows_affected(&DB::run(connection, self.query).await?))
    }

    /// All its rows.
    pub async fn fetch_all<R: Row>(
        self,
        connection: &mut DB::Connection,
    ) -> Result<Vec<R>, Failure> {
        let rows = DB::rows(connection, self.query).await?;
        let read = |row| R::read::<DB>(row).map_err(Failure::from);
        rows.iter().map(read).collect()
    }

    /// The row of a statement that gives at most one.
    pub async fn fetch_optional<R: Row>(
        self,
        connection: &mut DB::Connection,
    ) -> Result<Option<R>, Failure> {
        Ok(self.fetch_all(connection).await?.pop())
    }

    /// The row of a statement that gives one.
    pub async fn fetch_one<R: Row>(self, connection: &mut DB::Connection) -> Result<R, Failure> {
        let row = self.fetch_optional(connection).await?;
        row.ok_or_else(|| sqlx::Error::RowNotFound.into())
    }
}
