//! Rows of `sync_jobs`, as the records they become.

use chrono::{DateTime, Utc};
use domain::ledger::{JobRecord, WorkerId};
use domain::manifest::Manifest;
use sqlx::types::Json;

use super::row::row;
use super::text;
use crate::error::Failure;

/// Asks for the jobs that meet a condition, in publishing order.
macro_rules! jobs_where {
    ($condition:expr) => {
        concat!(
            "
SELECT target, nome, state, published_at, errors, crashes, deferrals, class, fingerprint, message,
       next_attempt_at, started_at, finished_at, worker, manifest
FROM sync_jobs WHERE ",
            $condition,
            " ORDER BY seq"
        )
    };
}

pub(super) use jobs_where;

row! {
    /// A row of `sync_jobs`.
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
}

impl JobRow {
    pub fn into_record(self) -> Result<JobRecord, Failure> {
        Ok(JobRecord {
            target: text::target(&self.target)?,
            nome: self.nome,
            state: text::state(&self.state)?,
            published_at: self.published_at,
            errors: text::count(self.errors),
            crashes: text::count(self.crashes),
            deferrals: text::count(self.deferrals),
            cause: text::cause(self.class, self.fingerprint, self.message)?,
            next_attempt_at: self.next_attempt_at,
            started_at: self.started_at,
            finished_at: self.finished_at,
            worker: self.worker.map(WorkerId::named),
            manifest: self.manifest.map(|Json(manifest)| manifest),
        })
    }
}
