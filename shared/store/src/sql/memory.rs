//! What each contrato had at its empreendimento's last commit.

use serde_json::json;
use sqlx::types::{Json, JsonValue};
use sqlx::{AssertSqlSafe, Executor, FromRow, IntoArguments};

use super::SqlStore;
use super::dialect::{Dialect, Value};
use super::rows::MemoryRow;
use crate::error::Failure;
use domain::job::Target;
use domain::ledger::Attempt;
use domain::tables::ContratoMemory;

// An earlier version commits without it: what is older than the last commit says nothing. What a later
// attempt committed is not what this one is to be compared with.
const OF_TARGET: &str = "
SELECT c.contrato, c.parcelas, c.forecast, c.vp
FROM sync_contratos c
JOIN sync_targets t ON t.target = c.target AND t.commit_generation = c.generation
WHERE c.target = $1 AND c.generation < $2
ORDER BY c.contrato";

const FORGET: &str = "DELETE FROM sync_contratos WHERE target = $1";

const REMEMBER: &str = "
INSERT INTO sync_contratos (target, contrato, generation, parcelas, forecast, vp)
SELECT $1, CAST(value ->> 'contrato' AS BIGINT), $2, CAST(value ->> 'parcelas' AS BIGINT),
       value ->> 'forecast', value ->> 'vp'
FROM {each}($3) AS value";

impl<DB> SqlStore<DB>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    i64: Value<DB>,
    MemoryRow: for<'r> FromRow<'r, DB::Row>,
{
    pub(super) async fn list_memory(
        &self,
        target: Target,
        before: i64,
    ) -> Result<Vec<ContratoMemory>, Failure> {
        let rows: Vec<MemoryRow> = sqlx::query_as(OF_TARGET)
            .bind(target.to_string())
            .bind(before)
            .fetch_all(&mut *self.pool.acquire().await?)
            .await?;
        rows.into_iter().map(MemoryRow::into_memory).collect()
    }
}

/// Replaces what the contratos of a target had, in two statements.
pub(super) async fn replace<DB>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
    memory: &[ContratoMemory],
) -> Result<(), Failure>
where
    DB: Dialect,
    DB::Arguments: IntoArguments<DB>,
    for<'c> &'c mut DB::Connection: Executor<'c, Database = DB>,
    String: Value<DB>,
    i64: Value<DB>,
    Json<JsonValue>: Value<DB>,
{
    let target = attempt.job.target.to_string();
    sqlx::query::<DB>(FORGET)
        .bind(target.clone())
        .execute(&mut *connection)
        .await?;
    let rows: JsonValue = memory.iter().map(row).collect();
    sqlx::query::<DB>(AssertSqlSafe(REMEMBER.replace("{each}", DB::JSON_EACH)))
        .bind(target)
        .bind(attempt.generation)
        .bind(Json(rows))
        .execute(connection)
        .await?;
    Ok(())
}

fn row(memory: &ContratoMemory) -> JsonValue {
    json!({
        "contrato": memory.id.get(),
        "parcelas": memory.parcelas,
        "forecast": memory.forecast.to_string(),
        "vp": memory.vp.to_string(),
    })
}
