//! What the two databases do differently.

use chrono::{DateTime, NaiveDate, Utc};
use domain::checks::Acceptance;
use domain::job::Payables;
use domain::manifest::Manifest;
use sqlx::Pool;
use sqlx::migrate::Migrator;
use sqlx::types::{Json, JsonValue};

use super::values::{Holds, Runs};
use super::writes::{WritesCatalogue, WritesEmpreendimento, WritesSaidasCaixa};
use crate::error::Failure;

/// A database that keeps the ledger and the tables.
pub trait Dialect:
    Runs
    + WritesCatalogue
    + WritesEmpreendimento
    + WritesSaidasCaixa
    + Holds<String>
    + Holds<Option<String>>
    + Holds<i64>
    + Holds<Option<i64>>
    + Holds<bool>
    + Holds<Option<bool>>
    + Holds<NaiveDate>
    + Holds<Option<NaiveDate>>
    + Holds<DateTime<Utc>>
    + Holds<Option<DateTime<Utc>>>
    + Holds<Vec<u8>>
    + Holds<Json<Manifest>>
    + Holds<Option<Json<Manifest>>>
    + Holds<Json<Acceptance>>
    + Holds<Option<Json<Acceptance>>>
    + Holds<Json<Payables>>
    + Holds<Option<Json<Payables>>>
    + Holds<Json<Vec<String>>>
    + Holds<Json<JsonValue>>
{
    /// Begins a transaction that will write.
    const BEGIN: &'static str;

    /// The function that makes a row, `value`, of each element of a JSON array.
    const JSON_EACH: &'static str;

    /// Asks for its name and version, `version`, and the bytes its data takes up, `size`.
    const VERSION_AND_SIZE: &'static str;

    /// Asks whether the table of applied migrations is there: `found`.
    const HAS_MIGRATIONS: &'static str;

    /// Brings the schema up to date, one process at a time.
    fn migrate(pool: &Pool<Self>) -> impl Future<Output = Result<(), Failure>> + Send;

    /// The tables of another program that stand where this one's belong.
    fn foreign_tables(
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<Vec<String>, Failure>> + Send;

    /// The schema's history.
    fn migrations() -> &'static Migrator;

    /// The time by the database's clock: the one clock all workers share.
    fn now(
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<DateTime<Utc>, Failure>> + Send;

    /// Makes this transaction the only one at the workers' leases, until it ends.
    fn lock_leases(
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// Makes this transaction the only one that closes or reopens months, until it ends. Whoever reads goes on.
    fn lock_closes(
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<(), Failure>> + Send;

    /// How many rows a statement wrote.
    fn rows_affected(result: &Self::QueryResult) -> u64;

    /// The sum of a published amount column in centavos, as an expression of type bigint.
    fn centavos_of(column: &str) -> String;

    /// A published column with so many decimals as a whole number of its last one, as an
    /// expression of type bigint.
    fn scaled(column: &str, decimals: u32) -> String;

    /// A parameter of type text as an exact number of a column that is no amount.
    fn exact(parameter: &str) -> String;

    /// A text, RFC 3339 in UTC with the offset `+00:00`, as a moment.
    fn moment(text: &str) -> String;

    /// The table that holds what dashboards read as `published`.
    fn amounts_table(published: &'static str) -> String;
}
