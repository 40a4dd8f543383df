//! What a database takes as a parameter and gives as a column, and how it runs a statement.
//!
//! Each is a trait for the database, not for the value or the connection: as supertraits of
//! `Dialect` they hold wherever it does, and no function repeats them.

use sqlx::query::Query;
use sqlx::{ColumnIndex, Database, Decode, Encode, Executor, IntoArguments, Row as _, Type};

/// A database that takes values of a type, and gives them.
pub trait Holds<T>: Database {
    /// Adds a value to a statement's parameters.
    fn bind(
        query: Query<'static, Self, Self::Arguments>,
        value: T,
    ) -> Query<'static, Self, Self::Arguments>;

    /// The value of a row's column.
    fn column(row: &Self::Row, name: &str) -> Result<T, sqlx::Error>;
}

impl<DB: Database, T> Holds<T> for DB
where
    T: for<'q> Encode<'q, DB> + for<'r> Decode<'r, DB> + Type<DB> + 'static,
    for<'c> &'c str: ColumnIndex<DB::Row>,
{
    fn bind(
        query: Query<'static, Self, Self::Arguments>,
        value: T,
    ) -> Query<'static, Self, Self::Arguments> {
        query.bind(value)
    }

    fn column(row: &Self::Row, name: &str) -> Result<T, sqlx::Error> {
        row.try_get(name)
    }
}

/// A database that runs statements over a connection.
pub trait Runs: Database {
    /// Runs a statement that gives no rows.
    fn run(
        connection: &mut Self::Connection,
        query: Query<'static, Self, Self::Arguments>,
    ) -> impl Future<Output = Result<Self::QueryResult, sqlx::Error>> + Send;

    /// Runs a statement and gives its rows.
    fn rows(
        connection: &mut Self::Connection,
        query: Query<'static, Self, Self::Arguments>,
    ) -> impl Future<Output = Result<Vec<Self::Row>, sqlx::Error>> + Send;
}

impl<DB: Database> Runs for DB
where
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
{
    async fn run(
        connection: &mut Self::Connection,
        query: Query<'static, Self, Self::Arguments>,
    ) -> Result<Self::QueryResult, sqlx::Error> {
        query.execute(connection).await
    }

    async fn rows(
        connection: &mut Self::Connection,
        query: Query<'static, Self, Self::Arguments>,
    ) -> Result<Vec<Self::Row>, sqlx::Error> {
        query.fetch_all(connection).await
    }
}
