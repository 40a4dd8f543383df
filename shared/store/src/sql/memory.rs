//! What each contrato adds to its empreendimento's figures, commit by commit.

use domain::job::{ContratoId, Target};
use domain::ledger::Attempt;
use domain::tables::{ContratoMemory, Parts};
use serde_json::json;
use sqlx::types::{Json, JsonValue};

use super::dialect::Dialect;
use super::row::row;
use super::statement::{statement, statement_of_rows};
use super::text;
use crate::error::Failure;

// An earlier version commits without it: what is older than the last commit says nothing. What a later
// attempt committed is not what this one is to be compared with.
const OF_TARGET: &str = "
SELECT c.contrato, c.parcelas, c.forecast, c.vp, c.parts
FROM sync_contratos c
JOIN sync_targets t ON t.target = c.target AND t.commit_generation = c.generation
WHERE c.target = $1 AND c.generation < $2
ORDER BY c.contrato";

const OF_GENERATION: &str = "
SELECT contrato, parcelas, forecast, vp, parts FROM sync_contratos
WHERE target = $1 AND generation = $2
ORDER BY contrato";

// What is kept beside the new ones: the last ones, the latest view's, and those of every commit that has a
// month in the tables.
const FORGET: &str = "
DELETE FROM sync_contratos
WHERE target = $1
  AND generation < (SELECT MAX(generation) FROM sync_contratos WHERE target = $1)
  AND generation NOT IN (
    SELECT a.generation FROM sync_attempts a JOIN sync_coverage c
        ON c.target = a.target AND c.run_id = a.run_id
    WHERE a.target = $1 AND a.outcome = 'done')
  AND generation NOT IN (
    SELECT commit_generation FROM sync_targets
    WHERE target = $1 AND commit_generation IS NOT NULL)";

const REMEMBER: &str = "
INSERT INTO sync_contratos (target, contrato, generation, parcelas, forecast, vp, parts)
SELECT $1, CAST(value ->> 'contrato' AS BIGINT), $2, CAST(value ->> 'parcelas' AS BIGINT),
       value ->> 'forecast', value ->> 'vp', value ->> 'parts'
FROM {each}($3) AS value";

row! {
    /// A row of `sync_contratos`.
    struct MemoryRow {
        contrato: i64,
        parcelas: i64,
        forecast: String,
        vp: String,
        parts: String,
    }
}

impl MemoryRow {
    fn into_memory(self) -> Result<ContratoMemory, Failure> {
        let amount = |text: String| {
            text.parse()
                .map_err(|_| text::unreadable("amount of a contrato"))
        };
        Ok(ContratoMemory {
            id: ContratoId::try_from(self.contrato).map_err(|_| text::unreadable("contrato"))?,
            parcelas: self.parcelas.unsigned_abs(),
            forecast: amount(self.forecast)?,
            vp: amount(self.vp)?,
            parts: Parts::written(self.parts),
        })
    }
}

/// What each contrato of a target had at its last commit, if that is of a generation before this one.
pub async fn at_last_commit<DB: Dialect>(
    connection: &mut DB::Connection,
    target: Target,
    before: i64,
) -> Result<Vec<ContratoMemory>, Failure> {
    let rows: Vec<MemoryRow> = statement::<DB>(OF_TARGET)
        .bind(target.to_string())
        .bind(before)
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(MemoryRow::into_memory).collect()
}

/// What each contrato of a target added at one commit; empty where that is not kept.
pub async fn of_generation<DB: Dialect>(
    connection: &mut DB::Connection,
    target: Target,
    generation: i64,
) -> Result<Vec<ContratoMemory>, Failure> {
    let rows: Vec<MemoryRow> = statement::<DB>(OF_GENERATION)
        .bind(target.to_string())
        .bind(generation)
        .fetch_all(connection)
        .await?;
    rows.into_iter().map(MemoryRow::into_memory).collect()
}

/// Adds what the contratos of a target add, and removes what is of no use any more, in two statements.
pub(super) async fn record<DB: Dialect>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
    memory: &[ContratoMemory],
) -> Result<(), Failure> {
    let target = attempt.job.target.to_string();
    statement::<DB>(FORGET)
        .bind(target.clone())
        .execute(connection)
        .await?;
    let rows: JsonValue = memory.iter().map(as_json).collect();
    statement_of_rows::<DB>(REMEMBER)
        .bind(target)
        .bind(attempt.generation)
        .bind(Json(rows))
        .execute(connection)
        .await?;
    Ok(())
}

fn as_json(memory: &ContratoMemory) -> JsonValue {
    json!({
        "contrato": memory.id.get(),
        "parcelas": memory.parcelas,
        "forecast": memory.forecast.to_string(),
        "vp": memory.vp.to_string(),
        "parts": memory.parts.as_str(),
    })
}
