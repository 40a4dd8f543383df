//! The three steps of an attempt between its claim and its end: compute, validate, commit.

use domain::checks::Check;
use domain::job::{JobMessage, Target};
use domain::ledger::{Committed, Grant};
use fold::{Folded, Ipca};
use queue::Lane;
use store::StoreError;

use crate::cash_out::{self, CashOut};
use crate::error::JobError;
use crate::worker::Worker;
use crate::{fetch, validate};

/// What a job gives, by its kind; nothing of it is written yet.
pub enum Computed {
    /// An empreendimento's rows.
    Empreendimento(Box<Folded>),
    /// Payables and the cash out they make.
    SaidasCaixa(Box<CashOut>),
}

impl Computed {
    /// Fetches from the ERP, and folds.
    ///
    /// # Errors
    /// When a call failed for good, or the answers cannot be used.
    pub async fn of(worker: &Worker, lane: Lane, grant: &Grant) -> Result<Self, JobError> {
        let job = &grant.attempt.job;
        let mega = match lane {
            Lane::Normal => worker.mega.for_next_job(),
            Lane::Urgent => worker.mega.for_urgent_job(),
        };
        Ok(match job.target {
            Target::Empreendimento(id) => {
                let ipca = Ipca::new(&worker.store.ipca().await?, job.params.as_of);
                let deadline = worker.limits.deadline;
                let folded = fetch::empreendimento(&mega, id, job.params, ipca, deadline).await?;
                Self::Empreendimento(Box::new(folded))
            }
            Target::SaidasCaixa => {
                Self::SaidasCaixa(Box::new(cash_out::faturas(&mega, job).await?))
            }
        })
    }

    /// Checks the result by itself, and against what the target's last commit had.
    ///
    /// # Errors
    /// When a check fails the job, with all checks made.
    pub async fn validate(&self, worker: &Worker, grant: &Grant) -> Result<Vec<Check>, JobError> {
        let (store, attempt) = (&worker.store, &grant.attempt);
        match self {
            Self::Empreendimento(folded) => {
                let previous = grant.previous.as_ref();
                let before = match previous {
                    Some(_) => {
                        let (target, generation) = (attempt.job.target, attempt.generation);
                        store.contratos_at_last_commit(target, generation).await?
                    }
                    None => Vec::new(),
                };
                validate::empreendimento(folded, previous, &before, &grant.accepted)
            }
            Self::SaidasCaixa(listed) => {
                let JobMessage {
                    params, payables, ..
                } = &attempt.job;
                let held = store.faturas_due(params, payables).await?;
                validate::cash_out(listed, held, &grant.accepted)
            }
        }
    }

    /// Commits the result with its checks.
    ///
    /// # Errors
    /// When the database does not take it.
    pub async fn commit(
        &self,
        worker: &Worker,
        grant: &Grant,
        checks: &[Check],
    ) -> Result<Committed, StoreError> {
        let (store, attempt) = (&worker.store, &grant.attempt);
        match self {
            Self::Empreendimento(folded) => {
                let result = &folded.result;
                store.commit_empreendimento(attempt, result, checks).await
            }
            Self::SaidasCaixa(listed) => {
                let result = &listed.result;
                store.commit_saidas_caixa(attempt, result, checks).await
            }
        }
    }
}
