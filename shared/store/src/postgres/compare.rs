//! The lines of the old tables and of ours, sorted alike, as of one moment.

use std::collections::BTreeSet;
use std::fmt;

use domain::store_error::StoreError;
use futures::{Stream, StreamExt as _};
use secrecy::SecretString;
use sqlx::{AssertSqlSafe, ConnectOptions as _, Connection as _, PgConnection, Row as _};

use super::connect::session_options;
use super::schema;
use crate::compare::{ComparedTable, Line, Side};
use crate::error::Failure;
use crate::schema_name::SchemaName;

/// A read-only view of one side, which no write changes while it is open.
pub struct Snapshot {
    connection: PgConnection,
    side: Side,
    schema: String,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Snapshot({:?}, {})", self.side, self.schema)
    }
}

impl Snapshot {
    /// Our tables, in the schema that the URL's search path names.
    ///
    /// # Errors
    /// As [`connect`](crate::connect).
    pub async fn ours(url: &SecretString) -> Result<Self, StoreError> {
        let mut connection = begin(url).await?;
        let schema = schema::ours(&mut connection).await?;
        Ok(Self {
            connection,
            side: Side::Ours,
            schema,
        })
    }

    /// The old tables in a schema.
    ///
    /// # Errors
    /// As [`connect`](crate::connect).
    pub async fn theirs(url: &SecretString, schema: &SchemaName) -> Result<Self, StoreError> {
        Ok(Self {
            connection: begin(url).await?,
            side: Side::Theirs,
            schema: schema.to_string(),
        })
    }

    /// Makes this side see what another of the same database sees.
    ///
    /// # Errors
    /// When the other's moment cannot be shared.
    pub async fn at_the_moment_of(&mut self, other: &mut Self) -> Result<(), StoreError> {
        let moment: String = sqlx::query_scalar("SELECT pg_export_snapshot()")
            .fetch_one(&mut other.connection)
            .await
            .map_err(Failure::from)?;
        // The name has digits and hyphens alone.
        let adopt = format!(
            "ROLLBACK; BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET TRANSACTION SNAPSHOT '{moment}'"
        );
        sqlx::raw_sql(AssertSqlSafe(adopt))
            .execute(&mut self.connection)
            .await
            .map_err(Failure::from)?;
        Ok(())
    }

    /// The months that any figure is of.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn months(&mut self) -> Result<BTreeSet<String>, StoreError> {
        let theirs = match self.side {
            Side::Ours => "",
            Side::Theirs => "WHERE origem = 'mega'",
        };
        let schema = &self.schema;
        let query = format!(
            "SELECT CAST(ref_month AS text) FROM {schema}.entradas_caixa {theirs}
             UNION SELECT CAST(mes_referencia AS text) FROM {schema}.saidas_caixa {theirs}"
        );
        let months: Vec<String> = sqlx::query_scalar(AssertSqlSafe(query))
            .fetch_all(&mut self.connection)
            .await
            .map_err(Failure::from)?;
        Ok(months.into_iter().collect())
    }

    /// The lines of a table by key, as they are read.
    pub fn lines(
        &mut self,
        table: ComparedTable,
    ) -> impl Stream<Item = Result<Line, StoreError>> + '_ {
        let lines = table.query(self.side).replace("{schema}", &self.schema);
        // The session is in UTC, which old timestamps without a time zone hold. Sorted as this program
        // sorts texts, whatever the database's collation is.
        let query = format!(
            "SELECT key, figures, (at::timestamptz AT TIME ZONE 'America/Sao_Paulo')::date AS day
             FROM ({lines}) AS lines ORDER BY key COLLATE \"C\""
        );
        let rows = sqlx::query(AssertSqlSafe(query)).fetch(&mut self.connection);
        rows.map(|row| {
            let line = row.and_then(|row| {
                Ok(Line {
                    key: row.try_get("key")?,
                    figures: row.try_get("figures")?,
                    day: row.try_get("day")?,
                })
            });
            Ok(line.map_err(Failure::from)?)
        })
    }
}

/// A connection in a transaction that reads as of one moment, in UTC.
async fn begin(url: &SecretString) -> Result<PgConnection, StoreError> {
    // A statement lasts as long as its rows are read: none of them is slow.
    let options = session_options(url)?.disable_statement_logging();
    let connect = async {
        let mut connection = PgConnection::connect_with(&options).await?;
        let begin = "SET timezone = 'UTC'; SET statement_timeout = 0;
                     SET idle_in_transaction_session_timeout = 0;
                     BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";
        sqlx::raw_sql(begin).execute(&mut connection).await?;
        Ok::<_, sqlx::Error>(connection)
    };
    Ok(connect.await.map_err(Failure::from)?)
}
