//! A run's catalogue and jobs.

use chrono::{DateTime, Utc};
use domain::ledger::NewRun;
use sqlx::{PgConnection, Postgres};

use crate::error::Failure;
use crate::sql::writes::WritesCatalogue;

// Rows are locked in the order of their codes, filiais before empreendimentos, as commits do: two
// such transactions wait for each other and never deadlock.
const UPSERT_FILIAIS: &str = "
INSERT INTO filiais AS t (id, nome, fantasia, cnpj, run_id, synced_at)
SELECT n.id, n.nome, n.fantasia, n.cnpj, $5, $6
FROM UNNEST($1::bigint[], $2::text[], $3::text[], $4::text[]) AS n (id, nome, fantasia, cnpj)
ORDER BY n.id
ON CONFLICT (id) DO UPDATE
SET nome = excluded.nome, fantasia = excluded.fantasia, cnpj = excluded.cnpj,
    run_id = excluded.run_id, synced_at = excluded.synced_at
WHERE (t.nome, t.fantasia, t.cnpj, t.run_id)
   IS DISTINCT FROM (excluded.nome, excluded.fantasia, excluded.cnpj, excluded.run_id)";

const UPSERT_EMPREENDIMENTOS: &str = "
INSERT INTO empreendimentos AS t (id, nome, filial_id, centro_custo_id, run_id, synced_at)
SELECT n.id, n.nome, n.filial_id, n.centro_custo_id, $5, $6
FROM UNNEST($1::bigint[], $2::text[], $3::bigint[], $4::bigint[])
     AS n (id, nome, filial_id, centro_custo_id)
ORDER BY n.id
ON CONFLICT (id) DO UPDATE
SET nome = excluded.nome, filial_id = excluded.filial_id,
    centro_custo_id = excluded.centro_custo_id,
    run_id = excluded.run_id, synced_at = excluded.synced_at
WHERE (t.nome, t.filial_id, t.centro_custo_id, t.run_id)
   IS DISTINCT FROM
      (excluded.nome, excluded.filial_id, excluded.centro_custo_id, excluded.run_id)";

const INSERT_JOBS: &str = "
INSERT INTO sync_jobs (run_id, target, seq, nome)
SELECT $1, n.target, n.seq, n.nome
FROM UNNEST($2::text[], $3::text[]) WITH ORDINALITY AS n (target, nome, seq)
ON CONFLICT (run_id, target) DO NOTHING";

impl WritesCatalogue for Postgres {
    async fn write_catalogue(
        connection: &mut PgConnection,
        run: &NewRun,
        now: DateTime<Utc>,
    ) -> Result<(), Failure> {
        let filiais = &run.filiais;
        sqlx::query(UPSERT_FILIAIS)
            .bind(filiais.iter().map(|row| row.id.get()).collect::<Vec<_>>())
            .bind(filiais.iter().map(|row| &*row.nome).collect::<Vec<_>>())
            .bind(
                filiais
                    .iter()
                    .map(|row| row.fantasia.as_deref())
                    .collect::<Vec<_>>(),
            )
            .bind(
                filiais
                    .iter()
                    .map(|row| row.cnpj.as_deref())
                    .collect::<Vec<_>>(),
            )
            .bind(run.id.as_str())
            .bind(now)
            .execute(&mut *connection)
            .await?;

        let rows = &run.empreendimentos;
        sqlx::query(UPSERT_EMPREENDIMENTOS)
            .bind(rows.iter().map(|row| row.id.get()).collect::<Vec<_>>())
            .bind(rows.iter().map(|row| &*row.nome).collect::<Vec<_>>())
            .bind(
                rows.iter()
                    .map(|row| row.filial_id.get())
                    .collect::<Vec<_>>(),
            )
            .bind(
                rows.iter()
                    .map(|row| row.centro_custo_id)
                    .collect::<Vec<_>>(),
            )
            .bind(run.id.as_str())
            .bind(now)
            .execute(connection)
            .await?;
        Ok(())
    }

    async fn write_jobs(connection: &mut PgConnection, run: &NewRun) -> Result<(), Failure> {
        sqlx::query(INSERT_JOBS)
            .bind(run.id.as_str())
            .bind(
                run.jobs
                    .iter()
                    .map(|job| job.target.to_string())
                    .collect::<Vec<_>>(),
            )
            .bind(run.jobs.iter().map(|job| &*job.nome).collect::<Vec<_>>())
            .execute(connection)
            .await?;
        Ok(())
    }
}
