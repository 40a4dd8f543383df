//! A run's catalogue and jobs; the rows of a statement come as one JSON text.

use chrono::{DateTime, Utc};
use domain::ledger::NewRun;
use serde_json::json;
use sqlx::types::Json;
use sqlx::{Sqlite, SqliteConnection};

use crate::error::Failure;
use crate::sql::writes::WritesCatalogue;

// "WHERE true" tells the parser that the ON after it is the upsert's, not a join's.
const UPSERT_FILIAIS: &str = "
INSERT INTO filiais AS t (id, nome, fantasia, cnpj, run_id, synced_at)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, $2, $3
FROM json_each($1) WHERE true
ON CONFLICT (id) DO UPDATE
SET nome = excluded.nome, fantasia = excluded.fantasia, cnpj = excluded.cnpj,
    run_id = excluded.run_id, synced_at = excluded.synced_at
WHERE (t.nome, t.fantasia, t.cnpj, t.run_id)
   IS NOT (excluded.nome, excluded.fantasia, excluded.cnpj, excluded.run_id)";

const UPSERT_EMPREENDIMENTOS: &str = "
INSERT INTO empreendimentos AS t (id, nome, filial_id, centro_custo_id, run_id, synced_at)
SELECT value ->> 0, value ->> 1, value ->> 2, value ->> 3, $2, $3
FROM json_each($1) WHERE true
ON CONFLICT (id) DO UPDATE
SET nome = excluded.nome, filial_id = excluded.filial_id,
    centro_custo_id = excluded.centro_custo_id,
    run_id = excluded.run_id, synced_at = excluded.synced_at
WHERE (t.nome, t.filial_id, t.centro_custo_id, t.run_id)
   IS NOT (excluded.nome, excluded.filial_id, excluded.centro_custo_id, excluded.run_id)";

const INSERT_JOBS: &str = "
INSERT INTO sync_jobs (run_id, target, seq, nome)
SELECT $2, value ->> 0, key + 1, value ->> 1
FROM json_each($1) WHERE true
ON CONFLICT (run_id, target) DO NOTHING";

impl WritesCatalogue for Sqlite {
    async fn write_catalogue(
        connection: &mut SqliteConnection,
        run: &NewRun,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let filiais: Vec<_> = run
            .filiais
            .iter()
            .map(|row| json!([row.id, row.nome, row.fantasia, row.cnpj]))
            .collect();
        let empreendimentos: Vec<_> = run
            .empreendimentos
            .iter()
            .map(|row| json!([row.id, row.nome, row.filial_id, row.centro_custo_id]))
            .collect();
        for (statement, rows) in [
            (UPSERT_FILIAIS, filiais),
            (UPSERT_EMPREENDIMENTOS, empreendimentos),
        ] {
            sqlx::query(statement)
                .bind(Json(rows))
                .bind(run.id.as_str())
                .bind(now)
                .execute(&mut *connection)
                .await?;
        }
        Ok(())
    }

    async fn write_jobs(connection: &mut SqliteConnection, run: &NewRun) -> Result<(), Failure> {
        let jobs: Vec<_> = run
            .jobs
            .iter()
            .map(|job| json!([job.target, job.nome]))
            .collect();
        sqlx::query(INSERT_JOBS)
            .bind(Json(jobs))
            .bind(run.id.as_str())
            .execute(connection)
            .await?;
        Ok(())
    }
}
