//! Rows of the ledger as both databases give them, and the records they become.

use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use secrecy::SecretString;
use sqlx::FromRow;
use sqlx::types::Json;

use crate::StoreError;
use crate::error::Failure;
use domain::checks::{Acceptance, CheckRecord};
use domain::failure::{Cause, FailureClass};
use domain::fleet::Member;
use domain::job::{ContratoId, JobMessage, RunId, RunParams, Target};
use domain::ledger::{
    AttemptRecord, JobInHand, JobRecord, JobState, LivingWorker, PreviousCommit, RequeueRecord,
    RunRecord, View, WorkerId,
};
use domain::manifest::Manifest;
use domain::session::{Refusal, SessionState, Token};
use domain::tables::ContratoMemory;

/// The ledger holds something this build cannot read; names what, never the value.
fn unreadable(what: &str) -> Failure {
    Failure(StoreError::Refused(format!(
        "the ledger holds an unreadable {what}"
    )))
}

fn cause(
    class: Option<String>,
    fingerprint: Option<String>,
    message: Option<String>,
) -> Result<Option<Cause>, Failure> {
    let Some(class) = class else { return Ok(None) };
    Ok(Some(Cause {
        class: class.parse().map_err(|_| unreadable("failure class"))?,
        fingerprint: fingerprint.unwrap_or_default(),
        message: message.unwrap_or_default(),
    }))
}

fn state(name: &str) -> Result<JobState, Failure> {
    name.parse().map_err(|_| unreadable("job state"))
}

fn target(text: &str) -> Result<Target, Failure> {
    text.parse().map_err(|_| unreadable("target"))
}

fn run_id(text: String) -> Result<RunId, Failure> {
    RunId::try_from(text).map_err(|_| unreadable("run"))
}

/// A count; the columns are 64-bit and never negative.
fn count(n: i64) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// A row of `sync_targets`.
#[derive(FromRow)]
pub struct TargetRow {
    pub generation: i64,
    pub holder_run: Option<String>,
    pub holder_worker: Option<String>,
    commit_run: Option<String>,
    commit_created_at: Option<DateTime<Utc>>,
    commit_start_date: Option<NaiveDate>,
    commit_end_date: Option<NaiveDate>,
    commit_as_of: Option<NaiveDate>,
    commit_manifest: Option<Json<Manifest>>,
}

/// The last commit of a target.
pub struct LastCommit {
    pub run: RunId,
    pub created_at: DateTime<Utc>,
    pub proof: PreviousCommit,
}

impl TargetRow {
    /// The last commit; `None` before the first.
    pub fn into_last_commit(self) -> Result<Option<LastCommit>, Failure> {
        let (
            Some(run),
            Some(created_at),
            Some(start_date),
            Some(end_date),
            Some(as_of),
            Some(Json(manifest)),
        ) = (
            self.commit_run,
            self.commit_created_at,
            self.commit_start_date,
            self.commit_end_date,
            self.commit_as_of,
            self.commit_manifest,
        )
        else {
            return Ok(None);
        };
        let params = RunParams {
            start_date,
            end_date,
            as_of,
        };
        Ok(Some(LastCommit {
            run: run_id(run)?,
            created_at,
            proof: PreviousCommit { params, manifest },
        }))
    }
}

/// What the fence of a commit tells of the target and of its run.
#[derive(FromRow)]
pub struct FenceRow {
    commit_as_of: Option<NaiveDate>,
    commit_created_at: Option<DateTime<Utc>>,
    pub unlisted_since: Option<DateTime<Utc>>,
    pub run_created_at: DateTime<Utc>,
    pub replace_newer: bool,
}

impl FenceRow {
    /// The view of the target's last commit; `None` before the first.
    pub fn last_view(&self) -> Option<View> {
        let (as_of, run_created_at) = self.commit_as_of.zip(self.commit_created_at)?;
        Some(View {
            as_of,
            run_created_at,
        })
    }
}

/// A row of `sync_coverage`.
#[derive(FromRow)]
pub struct CoverageRow {
    pub period: String,
    as_of: NaiveDate,
    run_created_at: DateTime<Utc>,
}

impl CoverageRow {
    pub const fn view(&self) -> View {
        View {
            as_of: self.as_of,
            run_created_at: self.run_created_at,
        }
    }
}

/// A row of `sync_checks`.
#[derive(FromRow)]
pub struct CheckRow {
    target: String,
    name: String,
    severity: String,
    verdict: String,
    expected: String,
    observed: String,
    subjects: Json<Vec<String>>,
    samples: Json<Vec<String>>,
}

impl From<CheckRow> for CheckRecord {
    fn from(row: CheckRow) -> Self {
        Self {
            target: row.target,
            name: row.name,
            severity: row.severity,
            verdict: row.verdict,
            expected: row.expected,
            observed: row.observed,
            subjects: row.subjects.0,
            samples: row.samples.0,
        }
    }
}

/// A row of `sync_contratos`.
#[derive(FromRow)]
pub struct MemoryRow {
    contrato: i64,
    parcelas: i64,
    forecast: String,
    vp: String,
}

impl MemoryRow {
    pub fn into_memory(self) -> Result<ContratoMemory, Failure> {
        let amount = |text: String| {
            serde_json::from_value(text.into()).map_err(|_| unreadable("amount of a contrato"))
        };
        Ok(ContratoMemory {
            id: ContratoId::try_from(self.contrato).map_err(|_| unreadable("contrato"))?,
            parcelas: self.parcelas.unsigned_abs(),
            forecast: amount(self.forecast)?,
            vp: amount(self.vp)?,
        })
    }
}

/// How many faturas are due, and for how much.
#[derive(FromRow)]
pub struct FaturasDueRow {
    pub quantity: i64,
    pub centavos: i64,
}

/// A failed job that is about to be requeued.
#[derive(FromRow)]
pub struct FailedRow {
    target: String,
    pub generation: Option<i64>,
    class: Option<String>,
    accepted: Option<Json<Acceptance>>,
}

impl FailedRow {
    pub fn target(&self) -> Result<Target, Failure> {
        target(&self.target)
    }

    pub fn accepted_before(&self) -> Acceptance {
        let accepted = self.accepted.as_ref();
        accepted.map_or_else(Acceptance::default, |Json(accepted)| accepted.clone())
    }

    pub fn is_implausible(&self) -> bool {
        let class = self.class.as_deref().map(str::parse);
        class == Some(Ok(FailureClass::Implausible))
    }
}

/// A job with its run, as a claim finds it.
#[derive(FromRow)]
pub struct ClaimRow {
    state: String,
    class: Option<String>,
    fingerprint: Option<String>,
    message: Option<String>,
    errors: i64,
    crashes: i64,
    next_attempt_at: Option<DateTime<Utc>>,
    deferred_since: Option<DateTime<Utc>>,
    accept_shrink: bool,
    accepted: Option<Json<Acceptance>>,
    pub generation: Option<i64>,
    pub worker: Option<String>,
    start_date: NaiveDate,
    end_date: NaiveDate,
    as_of: NaiveDate,
    pub created_at: DateTime<Utc>,
    pub claimer_heard_at: Option<DateTime<Utc>>,
}

impl ClaimRow {
    pub const fn params(&self) -> RunParams {
        RunParams {
            start_date: self.start_date,
            end_date: self.end_date,
            as_of: self.as_of,
        }
    }

    pub fn state(&self) -> Result<JobState, Failure> {
        state(&self.state)
    }

    pub fn errors(&self) -> u32 {
        count(self.errors)
    }

    pub fn crashes(&self) -> u32 {
        count(self.crashes)
    }

    /// What is left at `now` of the wait before the next attempt. Nothing of a deferral: what it waits
    /// for may be there at any time.
    pub fn wait(&self, now: DateTime<Utc>) -> Option<Duration> {
        let at = self.next_attempt_at?;
        let wait = (at - now).to_std().ok()?;
        (self.state == JobState::Retrying.name() && !wait.is_zero()).then_some(wait)
    }

    /// How long ago at `now` the job was set aside first.
    pub fn deferred_for(&self, now: DateTime<Utc>) -> Duration {
        let since = self.deferred_since.map(|since| (now - since).to_std());
        since.and_then(Result::ok).unwrap_or_default()
    }

    /// What a person accepted; an earlier version accepted every fall or nothing.
    pub fn accepted(&self) -> Acceptance {
        match &self.accepted {
            Some(Json(accepted)) => accepted.clone(),
            None if self.accept_shrink => Acceptance::of_every_fall(),
            None => Acceptance::default(),
        }
    }

    pub fn into_cause(self) -> Result<Option<Cause>, Failure> {
        cause(self.class, self.fingerprint, self.message)
    }
}

/// A row of `sync_workers`.
#[derive(FromRow)]
pub struct WorkerRow {
    pub heartbeat_at: DateTime<Utc>,
    pub stopped_at: Option<DateTime<Utc>>,
}

/// Attempts that ended with their worker, as it seems.
#[derive(FromRow)]
pub struct CrashesRow {
    pub crashes: i64,
}

/// A living worker with one of its jobs, or with none.
#[derive(FromRow)]
pub struct FleetRow {
    id: String,
    started_at: DateTime<Utc>,
    heartbeat_at: DateTime<Utc>,
    run_id: Option<String>,
    target: Option<String>,
    nome: Option<String>,
    since: Option<DateTime<Utc>>,
}

impl FleetRow {
    pub fn is_of(&self, worker: &LivingWorker) -> bool {
        self.id == worker.id.as_str()
    }

    /// The worker, without its job.
    pub fn worker(&self) -> LivingWorker {
        LivingWorker {
            id: WorkerId::named(&*self.id),
            started_at: self.started_at,
            heartbeat_at: self.heartbeat_at,
            jobs: Vec::new(),
        }
    }

    pub fn into_job(self) -> Result<Option<JobInHand>, Failure> {
        let (Some(run), Some(name), Some(nome), Some(since)) =
            (self.run_id, self.target, self.nome, self.since)
        else {
            return Ok(None);
        };
        Ok(Some(JobInHand {
            run: run_id(run)?,
            target: target(&name)?,
            nome,
            since,
        }))
    }
}

/// A living worker and its calls.
#[derive(FromRow)]
pub struct MemberRow {
    pub id: String,
    wanted_calls: Option<i64>,
    held_calls: Option<i64>,
}

impl MemberRow {
    /// What its lease goes by.
    pub fn member(&self) -> Member {
        let held = self.held_calls.unwrap_or_default();
        Member {
            pending: self.wanted_calls.unwrap_or_default() > 0,
            held: usize::try_from(held).unwrap_or_default(),
        }
    }
}

/// How many calls at once the ERP has shown to take.
#[derive(FromRow)]
pub struct LearnedRow {
    pub learned_calls: Option<i64>,
}

/// A row of `sync_runs`.
#[derive(FromRow)]
pub struct RunRow {
    id: String,
    start_date: NaiveDate,
    end_date: NaiveDate,
    as_of: NaiveDate,
    created_at: DateTime<Utc>,
    replace_newer: bool,
    requested_by: Option<String>,
}

impl RunRow {
    pub fn into_record(self) -> Result<RunRecord, Failure> {
        Ok(RunRecord {
            id: run_id(self.id)?,
            params: RunParams {
                start_date: self.start_date,
                end_date: self.end_date,
                as_of: self.as_of,
            },
            created_at: self.created_at,
            replace_newer: self.replace_newer,
            by: self.requested_by,
        })
    }
}

/// A row of `sync_jobs`.
#[derive(FromRow)]
pub struct JobRow {
    target: String,
    nome: String,
    state: String,
    published_at: Option<DateTime<Utc>>,
    errors: i64,
    crashes: i64,
    deferrals: i64,
    class: Option<String>,
    fingerprint: Option<String>,
    message: Option<String>,
    next_attempt_at: Option<DateTime<Utc>>,
    started_at: Option<DateTime<Utc>>,
    finished_at: Option<DateTime<Utc>>,
    worker: Option<String>,
    manifest: Option<Json<Manifest>>,
}

impl JobRow {
    pub fn into_record(self) -> Result<JobRecord, Failure> {
        Ok(JobRecord {
            target: target(&self.target)?,
            nome: self.nome,
            state: state(&self.state)?,
            published_at: self.published_at,
            errors: count(self.errors),
            crashes: count(self.crashes),
            deferrals: count(self.deferrals),
            cause: cause(self.class, self.fingerprint, self.message)?,
            next_attempt_at: self.next_attempt_at,
            started_at: self.started_at,
            finished_at: self.finished_at,
            worker: self.worker.map(WorkerId::named),
            manifest: self.manifest.map(|Json(manifest)| manifest),
        })
    }
}

/// A job with its run's parameters, to make its message of.
#[derive(FromRow)]
pub struct MessageRow {
    target: String,
    start_date: NaiveDate,
    end_date: NaiveDate,
    as_of: NaiveDate,
}

impl MessageRow {
    pub fn into_message(self, run: &RunId) -> Result<JobMessage, Failure> {
        let params = RunParams {
            start_date: self.start_date,
            end_date: self.end_date,
            as_of: self.as_of,
        };
        Ok(JobMessage::new(run.clone(), target(&self.target)?, params))
    }
}

/// A target and what its last commit proved.
#[derive(FromRow)]
pub struct CostRow {
    target: String,
    commit_manifest: Json<Manifest>,
}

impl CostRow {
    pub fn into_cost(self) -> Result<(Target, u64), Failure> {
        Ok((
            target(&self.target)?,
            self.commit_manifest.0.contratos_listed,
        ))
    }
}

/// A target alone.
#[derive(FromRow)]
pub struct TargetNameRow {
    target: String,
}

impl TargetNameRow {
    pub fn into_target(self) -> Result<Target, Failure> {
        target(&self.target)
    }
}

/// A row of `ipca_mensal`.
#[derive(FromRow)]
pub struct IpcaRow {
    pub ref_month: String,
    pub percentual: String,
}

/// Rows of a table and the sum of one of its amounts.
#[derive(FromRow)]
pub struct TotalRow {
    pub seq: i64,
    pub quantity: i64,
    pub centavos: i64,
}

/// The row of `sync_session`.
#[derive(FromRow)]
pub struct SessionRow {
    version: i64,
    access_token: Option<String>,
    expires_at: Option<DateTime<Utc>>,
    refresh_token: Option<String>,
    refresh_expires_at: Option<DateTime<Utc>>,
    refused_at: Option<DateTime<Utc>>,
    refused_why: Option<String>,
}

impl From<SessionRow> for SessionState {
    fn from(row: SessionRow) -> Self {
        let token = row
            .access_token
            .zip(row.expires_at)
            .map(|(access, expires_at)| Token {
                access: access.into(),
                expires_at,
                refresh: row.refresh_token.map(SecretString::from),
                refresh_expires_at: row.refresh_expires_at,
            });
        Self {
            version: row.version,
            token,
            refused: row.refused_at.map(|at| Refusal {
                at,
                why: row.refused_why.unwrap_or_default(),
            }),
        }
    }
}

/// What an empreendimento is called.
#[derive(FromRow)]
pub struct NomeRow {
    pub nome: String,
}

/// A row of a published table, its columns by position and without their decimal point.
#[derive(FromRow)]
pub struct PublishedRowRow {
    pub kind: i64,
    pub ref_month: String,
    pub category: String,
    pub run_id: String,
    pub synced_at: DateTime<Utc>,
    pub generation: Option<i64>,
    pub worker: Option<String>,
    pub v0: Option<i64>,
    pub v1: Option<i64>,
    pub v2: Option<i64>,
    pub v3: Option<i64>,
    pub v4: Option<i64>,
    pub v5: Option<i64>,
}

impl PublishedRowRow {
    pub fn run(&self) -> Result<RunId, Failure> {
        run_id(self.run_id.clone())
    }

    pub const fn values(&self) -> [Option<i64>; 6] {
        [self.v0, self.v1, self.v2, self.v3, self.v4, self.v5]
    }
}

/// A row of `sync_attempts`, with its run.
#[derive(FromRow)]
pub struct AttemptRow {
    generation: i64,
    run_id: String,
    start_date: NaiveDate,
    end_date: NaiveDate,
    as_of: NaiveDate,
    worker: String,
    started_at: DateTime<Utc>,
    finished_at: Option<DateTime<Utc>>,
    outcome: String,
    class: Option<String>,
    fingerprint: Option<String>,
    message: Option<String>,
    manifest: Option<Json<Manifest>>,
}

impl AttemptRow {
    pub fn into_record(self) -> Result<AttemptRecord, Failure> {
        Ok(AttemptRecord {
            generation: self.generation,
            run: run_id(self.run_id)?,
            params: RunParams {
                start_date: self.start_date,
                end_date: self.end_date,
                as_of: self.as_of,
            },
            worker: WorkerId::named(self.worker),
            started_at: self.started_at,
            finished_at: self.finished_at,
            outcome: self.outcome,
            cause: cause(self.class, self.fingerprint, self.message)?,
            manifest: self.manifest.map(|Json(manifest)| manifest),
        })
    }
}

/// A row of `sync_requeues`.
#[derive(FromRow)]
pub struct RequeueRow {
    run_id: String,
    at: DateTime<Utc>,
    by: String,
    fingerprint: Option<String>,
    accept_shrink: bool,
    accepted: Option<Json<Acceptance>>,
    filter: String,
}

impl RequeueRow {
    pub fn into_record(self) -> Result<RequeueRecord, Failure> {
        Ok(RequeueRecord {
            run: run_id(self.run_id)?,
            at: self.at,
            by: self.by,
            fingerprint: self.fingerprint,
            accept_change: self.accept_shrink,
            accepted: self
                .accepted
                .map(|Json(accepted)| accepted.to_string())
                .unwrap_or_default(),
            filter: self.filter,
        })
    }
}

/// How many jobs are in a state.
#[derive(FromRow)]
pub struct StateRow {
    state: String,
    quantity: i64,
}

impl StateRow {
    pub fn into_count(self) -> Result<(JobState, u64), Failure> {
        Ok((state(&self.state)?, self.quantity.unsigned_abs()))
    }
}
