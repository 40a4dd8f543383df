//! What each contrato had at its empreendimento's last commit.

use domain::job::{ContratoId, Target};
use domain::ledger::Attempt;
use domain::tables::ContratoMemory;
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

row! {
    /// A row of `sync_contratos`.
    struct MemoryRow {
        contrato: i64,
        parcelas: i64,
        forecast: String,
        vp: String,
    }
}

impl MemoryRow {
    fn into_memory(self) -> Result<ContratoMemory, Failure> {
        let amount = |text: String| {
            serde_json::from_value(text.into())
                .map_err(|_| text::unreadable("amount of a contrato"))
        };
        Ok(ContratoMemory {
            id: ContratoId::try_from(self.contrato).map_err(|_| text::unreadable("contrato"))?,
            parcelas: self.parcelas.unsigned_abs(),
            forecast: amount(self.forecast)?,
            vp: amount(self.vp)?,
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

/// Replaces what the contratos of a target had, in two statements.
pub(super) async fn replace<DB: Dialect>(
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
    })
}
