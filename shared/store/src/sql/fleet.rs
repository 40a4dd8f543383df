//! The workers that are alive, and what they are at.

use chrono::{DateTime, Utc};
use domain::fleet::DEAD_AFTER;
use domain::ledger::{JobInHand, LivingWorker, WorkerId};

use super::dialect::Dialect;
use super::row::row;
use super::statement::statement;
use super::text;
use crate::error::Failure;

// By way of the targets, which are few: the jobs of all runs would have to be searched.
const FLEET: &str = "
SELECT w.id, w.started_at, w.heartbeat_at, j.run_id, j.target, j.nome, j.started_at AS since
FROM sync_workers w
LEFT JOIN sync_targets t ON t.holder_worker = w.id
LEFT JOIN sync_jobs j ON j.run_id = t.holder_run AND j.target = t.target AND j.state = 'running'
WHERE w.stopped_at IS NULL AND w.heartbeat_at > $1
ORDER BY w.started_at, w.id, j.started_at, j.seq";

row! {
    /// A living worker with one of its jobs, or with none.
    struct FleetRow {
        id: String,
        started_at: DateTime<Utc>,
        heartbeat_at: DateTime<Utc>,
        run_id: Option<String>,
        target: Option<String>,
        nome: Option<String>,
        since: Option<DateTime<Utc>>,
    }
}

impl FleetRow {
    fn is_of(&self, worker: &LivingWorker) -> bool {
        self.id == worker.id.as_str()
    }

    /// The worker, without its job.
    fn worker(&self) -> LivingWorker {
        LivingWorker {
            id: WorkerId::named(&*self.id),
            started_at: self.started_at,
            heartbeat_at: self.heartbeat_at,
            jobs: Vec::new(),
        }
    }

    fn into_job(self) -> Result<Option<JobInHand>, Failure> {
        let (Some(run), Some(name), Some(nome), Some(since)) =
            (self.run_id, self.target, self.nome, self.since)
        else {
            return Ok(None);
        };
        Ok(Some(JobInHand {
            run: text::run_id(run)?,
            target: text::target(&name)?,
            nome,
            since,
        }))
    }
}

/// The living workers, each with its jobs; the one started first first.
pub async fn living<DB: Dialect>(
    connection: &mut DB::Connection,
) -> Result<Vec<LivingWorker>, Failure> {
    let now = DB::now(connection).await?;
    let rows: Vec<FleetRow> = statement::<DB>(FLEET)
        .bind(now - DEAD_AFTER)
        .fetch_all(connection)
        .await?;
    let mut fleet: Vec<LivingWorker> = Vec::new();
    for row in rows {
        if !fleet.last().is_some_and(|worker| row.is_of(worker)) {
            fleet.push(row.worker());
        }
        let worker = fleet.last_mut().expect("just pushed");
        worker.jobs.extend(row.into_job()?);
    }
    Ok(fleet)
}
