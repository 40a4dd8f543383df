//! The database behind one trait: the ledger, the tables, the fleet's session.
//!
//! [`postgres`] serves a fleet; [`sqlite`] serves one process. Both pass the same conformance
//! suite. The statements of the ledger are the same text for both and stand once, in `sql`; the
//! bulk statements that publish a result are each database's own.

mod diagnosis;
mod dry_run;
mod error;
mod figures;
pub mod postgres;
mod settings;
mod sql;
pub mod sqlite;

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use secrecy::{ExposeSecret as _, SecretString};

pub use domain::store_error::StoreError;

pub use self::diagnosis::{Diagnosis, Schema};
pub use self::dry_run::Untouched;
pub use self::figures::PublishedRow;
pub use self::postgres::PostgresStore;
pub use self::settings::{database_url, fleet_database_url};
pub use self::sql::SqlStore;
pub use self::sqlite::SqliteStore;

use domain::checks::{Check, CheckRecord};
use domain::failure::Cause;
use domain::fleet::{Calls, Lease};
use domain::job::{EmpreendimentoId, JobMessage, RunId, RunParams, Target};
use domain::ledger::{
    Attempt, AttemptEnd, AttemptRecord, Claim, Committed, JobRecord, JobState, LivingWorker,
    NewRun, Requeue, RequeueFilter, RequeueRecord, RunRecord, WorkerId,
};
use domain::money::Amount;
use domain::month::Month;
use domain::session::SessionVault;
use domain::tables::{ContratoMemory, EmpreendimentoResult, SaidasCaixaResult};

/// Opens the database that `url` names: `postgres://…` or `postgresql://…` for a fleet,
/// `sqlite://path` for one process.
///
/// # Errors
/// [`StoreError::Url`] when the URL names no such database, [`StoreError::Away`] within seconds
/// when nothing answers there. The URL, which may hold a password, is never repeated.
pub async fn connect(url: &SecretString) -> Result<Arc<dyn Store>, StoreError> {
    match url.expose_secret().split_once(':') {
        Some(("postgres" | "postgresql", _)) => Ok(Arc::new(PostgresStore::connect(url).await?)),
        Some(("sqlite", _)) => Ok(Arc::new(SqliteStore::connect(url).await?)),
        _ => Err(StoreError::Url(
            "it must begin with postgres:// or sqlite://".to_owned(),
        )),
    }
}

/// How the way to a server's database is protected, as its URL asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Encryption {
    /// It does not leave this machine.
    ThisMachine,
    /// TLS, with a server whose certificate was checked.
    Verified,
    /// TLS, with whoever answers.
    Unverified,
    /// None, or only if the server offers it.
    Optional,
}

/// How the way to the database that `url` names is protected; `None` for a file.
///
/// # Errors
/// [`StoreError::Url`] when it names no database.
pub fn encryption_of(url: &SecretString) -> Result<Option<Encryption>, StoreError> {
    match file_of(url)? {
        Some(_) => Ok(None),
        None => postgres::encryption_of(url).map(Some),
    }
}

/// The file that `url` names; `None` for a server's database.
///
/// # Errors
/// [`StoreError::Url`] when it is a SQLite URL without a file.
pub fn file_of(url: &SecretString) -> Result<Option<PathBuf>, StoreError> {
    match url.expose_secret().starts_with("sqlite:") {
        true => sqlite::file_of(url).map(Some),
        false => Ok(None),
    }
}

/// Rows of one table, for a summary.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TableTotal {
    /// The table's name.
    pub table: &'static str,
    /// How many rows it has.
    pub rows: u64,
    /// Named sums over its amount columns, as text with two decimals.
    pub sums: Vec<(&'static str, String)>,
}

/// The faturas due in a window, as the table holds them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FaturasDue {
    /// How many.
    pub count: u64,
    /// Σ `valor_parcela`.
    pub valor: Amount,
}

/// The database, as producer and worker use it.
#[async_trait]
pub trait Store: SessionVault {
    /// Brings the schema up to date, one process at a time. Does nothing when it is.
    async fn migrate(&self) -> Result<(), StoreError>;

    /// Answers when the database answers.
    async fn ping(&self) -> Result<(), StoreError>;

    /// How many migrations of this build the schema lacks; those of a newer build do not count.
    async fn pending_migrations(&self) -> Result<u64, StoreError>;

    /// What the database is, and how its schema and its clock compare with this process's.
    /// Changes nothing, a missing schema included.
    async fn diagnose(&self) -> Result<Diagnosis, StoreError>;

    /// Writes to the ledger and the published tables in a transaction, and rolls it back: fails
    /// when the role may not write or the database is a read-only copy.
    async fn try_write(&self) -> Result<(), StoreError>;

    // Planning

    /// Records the catalogue, the run and its jobs in one transaction.
    async fn record_run(&self, run: &NewRun) -> Result<(), StoreError>;

    /// The empreendimentos of which every month of a window was committed at or after `since`, with
    /// an `as_of` no earlier than `oldest_view`.
    async fn covered_since(
        &self,
        window: &RunParams,
        since: DateTime<Utc>,
        oldest_view: NaiveDate,
    ) -> Result<Vec<EmpreendimentoId>, StoreError>;

    /// The empreendimentos with contratos that the newest catalogue lists.
    async fn listed_with_contratos(&self) -> Result<Vec<EmpreendimentoId>, StoreError>;

    /// Contratos each target had at its last commit: what it will roughly cost.
    async fn last_costs(&self) -> Result<HashMap<Target, u64>, StoreError>;

    /// Notes that the broker confirmed a job's message.
    async fn mark_published(&self, run: &RunId, target: Target) -> Result<(), StoreError>;

    /// Messages of a run's jobs that are not final, in publishing order: those never confirmed, or
    /// with `published_too` all of them.
    async fn unfinished(
        &self,
        run: &RunId,
        published_too: bool,
    ) -> Result<Vec<JobMessage>, StoreError>;

    // Working

    /// Says that a worker is alive, and what of its calls; the first call registers it. Tells how
    /// many calls it may have in flight from now on, of those that no other worker holds: one
    /// that did not stop and was heard of within this one's patience.
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
    /// it. Another run's job waits while the holder's worker is alive.
    ///
    /// A job that waits for its next attempt is not granted before its time.
    async fn claim(&self, job: &JobMessage, worker: &WorkerId) -> Result<Claim, StoreError>;

    /// [`Store::claim`] for a worker that may have other jobs in hand: one that has ended a worker
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

    /// The monthly IPCA indices, in per cent, in order; empty when none were loaded.
    async fn ipca(&self) -> Result<Vec<(Month, Decimal)>, StoreError>;

    /// What each contrato of a target had at its last commit, if that is of a generation `before` this
    /// one; empty where it is not known.
    async fn contratos_at_last_commit(
        &self,
        target: Target,
        before: i64,
    ) -> Result<Vec<ContratoMemory>, StoreError>;

    /// The faturas that the table holds of those due in a window.
    async fn faturas_due(&self, window: &RunParams) -> Result<FaturasDue, StoreError>;

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
    /// job; as [`Store::commit_empreendimento`] does, by due day instead of by month.
    async fn commit_saidas_caixa(
        &self,
        attempt: &Attempt,
        result: &SaidasCaixaResult,
        checks: &[Check],
    ) -> Result<Committed, StoreError>;

    /// Records how an attempt ended without a commit, and lets go of its target. Changes the job
    /// only while the attempt is the job's newest. An attempt taken for crashed that ends after
    /// all gets its true outcome, and its job's crash is not counted any more.
    async fn end_attempt(&self, attempt: &Attempt, end: &AttemptEnd) -> Result<(), StoreError>;

    /// Notes that a job waits because another run holds its target; it has no attempt to end.
    async fn note_held(
        &self,
        job: &JobMessage,
        by: &WorkerId,
        until: DateTime<Utc>,
    ) -> Result<(), StoreError>;

    // Asking

    /// A run, or the newest one; `None` when there is none.
    async fn run(&self, run: Option<&RunId>) -> Result<Option<RunRecord>, StoreError>;

    /// A run's jobs, in publishing order.
    async fn jobs(&self, run: &RunId) -> Result<Vec<JobRecord>, StoreError>;

    /// How many targets' newest jobs are in each state, of the runs of the last 30 days; states
    /// without any are left out.
    async fn jobs_by_state(&self) -> Result<Vec<(JobState, u64)>, StoreError>;

    /// The workers that are alive, each with what it has in hand; the one started first first.
    async fn fleet(&self) -> Result<Vec<LivingWorker>, StoreError>;

    /// Rows and sums of the published tables.
    async fn totals(&self) -> Result<Vec<TableTotal>, StoreError>;

    /// What an empreendimento is called; `None` when the catalogue never had it.
    async fn empreendimento_nome(&self, id: EmpreendimentoId)
    -> Result<Option<String>, StoreError>;

    /// The figures of a target, of one month or of all, each row with the attempt that wrote it.
    async fn published_rows(
        &self,
        target: Target,
        month: Option<Month>,
    ) -> Result<Vec<PublishedRow>, StoreError>;

    /// The checks of a run: of its plan, and of each job's newest attempt that was checked.
    async fn checks_of_run(&self, run: &RunId) -> Result<Vec<CheckRecord>, StoreError>;

    /// The checks of one attempt; none where it was not checked, or by an earlier version.
    async fn checks_of_attempt(
        &self,
        target: Target,
        generation: i64,
    ) -> Result<Vec<CheckRecord>, StoreError>;

    /// A target's newest attempts, at most so many, the newest first.
    async fn attempts(&self, target: Target, most: u32) -> Result<Vec<AttemptRecord>, StoreError>;

    /// A target's newest requeues, at most so many, the newest first.
    async fn requeues(&self, target: Target, most: u32) -> Result<Vec<RequeueRecord>, StoreError>;

    /// A target's last commit with a generation of at most `until`, and the one before it.
    async fn last_commits(
        &self,
        target: Target,
        until: i64,
    ) -> Result<Vec<AttemptRecord>, StoreError>;

    // Acting

    /// The failed jobs of a run that a filter picks, in publishing order; changes nothing.
    async fn requeueable(
        &self,
        run: &RunId,
        filter: &RequeueFilter,
    ) -> Result<Vec<JobRecord>, StoreError>;

    /// Makes the failed jobs that a filter picks ready to publish again, with fresh budgets, writes
    /// down who did so, and returns how many. Publishing them is [`Store::unfinished`]'s caller's
    /// to do.
    async fn requeue(&self, run: &RunId, requeue: &Requeue) -> Result<u64, StoreError>;

    /// Open jobs of a run whose message was confirmed, that no living worker has, and to which
    /// nothing has happened, nor was to happen, for as long as `quiet`; in publishing order. Their
    /// messages are lost if the queue has none. Changes nothing.
    async fn lost(&self, run: &RunId, quiet: Duration) -> Result<Vec<Target>, StoreError>;

    /// Of these jobs takes those that [`Store::lost`] would still list, to publish them again:
    /// they count as published now, so that of two callers at once each gets its own.
    async fn take_lost(
        &self,
        run: &RunId,
        quiet: Duration,
        targets: &[Target],
    ) -> Result<Vec<Target>, StoreError>;
}
