//! What the two databases do differently.

use chrono::{DateTime, Utc};
use sqlx::migrate::Migrator;
use sqlx::{Database, Decode, Encode, Pool, Type};

use super::scope::Scope;
use crate::diagnosis::Applied;
use crate::error::Failure;
use domain::job::EmpreendimentoId;
use domain::ledger::{Attempt, NewRun};
use domain::tables::{EmpreendimentoResult, SaidasCaixaResult};

/// A database that keeps the ledger and the tables.
pub trait Dialect: Database {
    /// Begins a transaction that will write.
    const BEGIN: &'static str;

    /// The function that makes a row, `value`, of each element of a JSON array.
    const JSON_EACH: &'static str;

    /// Brings the schema up to date, one process at a time.
    fn migrate(pool: &Pool<Self>) -> impl Future<Output = Result<(), Failure>> + Send;

    /// The schema's history.
    fn migrations() -> &'static Migrator;

    /// The time by the database's clock: the one clock all workers share.
    fn now(
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<DateTime<Utc>, sqlx::Error>> + Send;

    /// Makes this transaction the only one at the workers' leases, until it ends.
    fn lock_leases(
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Its name and version, and the bytes its data takes up.
    fn version_and_size(
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<(String, i64), sqlx::Error>> + Send;

    /// The migrations it remembers, by number; none where there never was one.
    fn applied(
        connection: &mut Self::Connection,
    ) -> impl Future<Output = Result<Vec<Applied>, sqlx::Error>> + Send;

    /// How many rows a statement wrote.
    fn rows_affected(result: &Self::QueryResult) -> u64;

    /// The sum of a published amount column in centavos, as an expression of type bigint.
    fn centavos_of(column: &str) -> String;

    /// A published column with so many decimals as a whole number of its last one, as an
    /// expression of type bigint.
    fn scaled(column: &str, decimals: u32) -> String;

    /// The table that holds what dashboards read as `published`.
    fn amounts_table(published: &'static str) -> String;

    /// Upserts filiais and empreendimentos; says nothing about their activity.
    fn write_catalogue(
        connection: &mut Self::Connection,
        run: &NewRun,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Inserts the run's jobs, those already there left as they are.
    fn write_jobs(
        connection: &mut Self::Connection,
        run: &NewRun,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Replaces an empreendimento's rows as far as they are this commit's to write, in a fixed
    /// number of statements.
    fn write_empreendimento(
        connection: &mut Self::Connection,
        attempt: &Attempt,
        id: EmpreendimentoId,
        result: &EmpreendimentoResult,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;

    /// Replaces the faturas due in the run's window and the cash out of all faturas, in a fixed
    /// number of statements.
    fn write_saidas_caixa(
        connection: &mut Self::Connection,
        attempt: &Attempt,
        result: &SaidasCaixaResult,
        scope: &Scope,
        now: DateTime<Utc>,
    ) -> impl Future<Output = Result<(), sqlx::Error>> + Send;
}

/// A type that a database takes and gives.
pub trait Value<DB: Database>:
    for<'q> Encode<'q, DB> + for<'r> Decode<'r, DB> + Type<DB> + Send
{
}

impl<DB: Database, T> Value<DB> for T where
    T: for<'q> Encode<'q, DB> + for<'r> Decode<'r, DB> + Type<DB> + Send
{
}
