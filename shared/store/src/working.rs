//! What a worker asks and records about its jobs.

use async_trait::async_trait;
use domain::checks::Check;
use domain::failure::Cause;
use domain::fleet::{Calls, Lease};
use domain::job::{JobMessage, Payables, RunParams, Target};
use domain::ledger::{Attempt, AttemptEnd, Claim, Committed, WorkerId};
use domain::store_error::StoreError;
use domain::tables::{ContratoMemory, EmpreendimentoResult, SaidasCaixaResult};

use crate::figures::FaturasDue;

/// The ledger and the tables, as a worker uses them.
#[async_trait]
pub trait Working: Send + Sync {
    /// Says that a worker is alive, and what of its calls; the first call registers it. Tells how
    /// many calls it may have in flight from now on, of those that no other worker holds: one
    /// that did not stop and was heard of within [`domain::fleet::DEAD_AFTER`]. Tells as well whether
    /// the fleet is paused.
    ///
    /// While another worker is at it for too long, [`StoreError::Contention`]; its being alive is
    /// noted all the same.
    async fn heartbeat(&self, worker: &WorkerId, calls: Calls) -> Result<Lease, StoreError>;

    /// Says that a worker stopped in good order.
    async fn worker_stopped(&self, worker: &WorkerId) -> Result<(), StoreError>;

    /// Asks for the right to work on a job's target. When granted, the generation is one higher
    /// than any before for that target, which fences every earlier attempt out of committing.
    ///
    /// The same job may always claim again: its message was redelivered, so whoever had it lost
    /// it. Another run's job is deferred while the holder's worker is alive, which the claim records.
    ///
    /// A job that waits for its next attempt is not granted before its time.
    async fn claim(&self, job: &JobMessage, worker: &WorkerId) -> Result<Claim, StoreError>;

    /// [`Working::claim`] for a worker that may have other jobs in hand: one that has ended a worker
    /// is not granted, but [`Claim::Alone`].
    async fn claim_beside_others(
        &self,
        job: &JobMessage,
        worker: &WorkerId,
    ) -> Result<Claim, StoreError>;

    /// Stops a job whose handling failed outside an attempt, with an attempt that this worker may
    /// have begun. Leaves alone what is final, what another worker is at, and what a message with
    /// other parameters names.
    async fn fail_job(
        &self,
        job: &JobMessage,
        worker: &WorkerId,
        cause: &Cause,
    ) -> Result<(), StoreError>;

    /// What each contrato of a target had at its last commit, if that is of a generation `before` this
    /// one; empty where it is not known.
    async fn contratos_at_last_commit(
        &self,
        target: Target,
        before: i64,
    ) -> Result<Vec<ContratoMemory>, StoreError>;

    /// The faturas that the table holds of those due in a window, of the filiais that are asked for.
    async fn faturas_due(
        &self,
        window: &RunParams,
        payables: &Payables,
    ) -> Result<FaturasDue, StoreError>;

    /// Publishes an empreendimento's result with its checks and finishes its job, in one transaction
    /// with a fixed number of statements, if the attempt's generation is still the newest.
    ///
    /// Months that a later view has written (by `as_of`, then by the run's creation) are left as they
    /// are, unless the run is to replace them. Contratos and activity follow the latest view.
    async fn commit_empreendimento(
        &self,
        attempt: &Attempt,
        result: &EmpreendimentoResult,
        checks: &[Check],
    ) -> Result<Committed, StoreError>;

    /// Publishes the payables due in the run's window and the cash out they make, and finishes the
    /// job; as [`Working::commit_empreendimento`] does, by due day instead of by month.
    async fn commit_saidas_caixa(
        &self,
        attempt: &Attempt,
        result: &SaidasCaixaResult,
        checks: &[Check],
    ) -> Result<Committed, StoreError>;

    /// Whether a person has cancelled the attempt's job since it began: it commits nothing.
    async fn is_cancelled(&self, attempt: &Attempt) -> Result<bool, StoreError>;

    /// Records how an attempt ended without a commit, and lets go of its target. Changes the job
    /// only while the attempt is the job's newest. An attempt taken for crashed that ends after
    /// all gets its true outcome, and its job's crash is not counted any more.
    ///
    /// `false` when the attempt had ended already, so that the job is as a newer one has left it. A cancelled attempt
    /// stays as it is.
    async fn end_attempt(&self, attempt: &Attempt, end: &AttemptEnd) -> Result<bool, StoreError>;
}
