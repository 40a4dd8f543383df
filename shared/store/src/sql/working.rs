//! What a worker asks and records about its jobs.

use async_trait::async_trait;
use domain::checks::Check;
use domain::failure::Cause;
use domain::fleet::{Calls, Lease};
use domain::job::{JobMessage, Payables, RunParams, Target};
use domain::ledger::{Attempt, AttemptEnd, Claim, Committed, WorkerId};
use domain::money::Amount;
use domain::store_error::StoreError;
use domain::tables::{ContratoMemory, EmpreendimentoResult, SaidasCaixaResult};
use sqlx::AssertSqlSafe;

use super::commit::Publication;
use super::dialect::Dialect;
use super::memory;
use super::row::row;
use super::sql_store::{SqlStore, in_time};
use super::statement::statement;
use super::targets::listed;
use crate::figures::FaturasDue;
use crate::working::Working;

const FATURAS_DUE: &str = "
SELECT COUNT(*) AS quantity, {centavos} AS centavos FROM {faturas}
WHERE data_vencimento BETWEEN $1 AND $2
  AND ($3 = ',' OR $3 LIKE '%,' || filial_id || ',%')";

row! {
    /// How many faturas are due, and for how much.
    struct FaturasDueRow {
        quantity: i64,
        centavos: i64,
    }
}

#[async_trait]
impl<DB: Dialect> Working for SqlStore<DB> {
    async fn heartbeat(&self, worker: &WorkerId, calls: Calls) -> Result<Lease, StoreError> {
        in_time(self.beat(worker, calls)).await
    }

    async fn worker_stopped(&self, worker: &WorkerId) -> Result<(), StoreError> {
        in_time(self.note_stopped(worker)).await
    }

    async fn claim(&self, job: &JobMessage, worker: &WorkerId) -> Result<Claim, StoreError> {
        in_time(self.claim_job(job, worker, true)).await
    }

    async fn claim_beside_others(
        &self,
        job: &JobMessage,
        worker: &WorkerId,
    ) -> Result<Claim, StoreError> {
        in_time(self.claim_job(job, worker, false)).await
    }

    async fn fail_job(
        &self,
        job: &JobMessage,
        worker: &WorkerId,
        cause: &Cause,
    ) -> Result<(), StoreError> {
        in_time(self.fail(job, worker, cause)).await
    }

    async fn contratos_at_last_commit(
        &self,
        target: Target,
        before: i64,
    ) -> Result<Vec<ContratoMemory>, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            memory::at_last_commit::<DB>(&mut connection, target, before).await
        })
        .await
    }

    async fn faturas_due(
        &self,
        window: &RunParams,
        payables: &Payables,
    ) -> Result<FaturasDue, StoreError> {
        in_time(async {
            let due = FATURAS_DUE
                .replace("{centavos}", &DB::centavos_of("valor_parcela"))
                .replace("{faturas}", &DB::amounts_table("faturas_pagar"));
            let row: FaturasDueRow = statement::<DB>(AssertSqlSafe(due))
                .bind(window.start_date)
                .bind(window.end_date)
                .bind(listed(&payables.filiais))
                .fetch_one(&mut *self.connection().await?)
                .await?;
            Ok(FaturasDue {
                count: row.quantity.unsigned_abs(),
                valor: Amount::from_centavos(row.centavos),
            })
        })
        .await
    }

    async fn commit_empreendimento(
        &self,
        attempt: &Attempt,
        result: &EmpreendimentoResult,
        checks: &[Check],
    ) -> Result<Committed, StoreError> {
        let Some(id) = attempt.job.target.empreendimento() else {
            return Err(StoreError::Refused("no empreendimento's job".to_owned()));
        };
        in_time(self.commit(attempt, Publication::Empreendimento(id, result), checks)).await
    }

    async fn commit_saidas_caixa(
        &self,
        attempt: &Attempt,
        result: &SaidasCaixaResult,
        checks: &[Check],
    ) -> Result<Committed, StoreError> {
        if attempt.job.target != Target::SaidasCaixa {
            return Err(StoreError::Refused("no cash-out job".to_owned()));
        }
        in_time(self.commit(attempt, Publication::SaidasCaixa(result), checks)).await
    }

    async fn is_cancelled(&self, attempt: &Attempt) -> Result<bool, StoreError> {
        in_time(self.has_been_cancelled(attempt)).await
    }

    async fn end_attempt(&self, attempt: &Attempt, end: &AttemptEnd) -> Result<bool, StoreError> {
        in_time(self.end(attempt, end)).await
    }
}
