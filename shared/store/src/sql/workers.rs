//! The workers: who is alive, and which of the fleet's calls each may have in flight.

use domain::fleet::WORKER_SILENCE;
use domain::fleet::{self, Calls, Lease, Member};
use domain::ledger::WorkerId;
use domain::store_error::StoreError;

use super::dialect::Dialect;
use super::row::row;
use super::sql_store::SqlStore;
use super::statement::statement;
use crate::error::Failure;

/// Says that a worker lives, and nothing of its calls.
pub(super) const ALIVE: &str = "
INSERT INTO sync_workers (id, started_at, heartbeat_at) VALUES ($1, $2, $2)
ON CONFLICT (id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at";

const BEAT: &str = "
INSERT INTO sync_workers (id, started_at, heartbeat_at, wanted_calls, more_to_come, held_calls)
VALUES ($1, $2, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE
SET heartbeat_at = excluded.heartbeat_at, wanted_calls = excluded.wanted_calls,
    more_to_come = excluded.more_to_come, held_calls = excluded.held_calls";

// The newest last, so that a worker that joins takes from the others and not their places. One of an
// older build, which says nothing of its calls, is heard of only every 15 seconds.
const LIVING: &str = "
SELECT id, wanted_calls, more_to_come, held_calls FROM sync_workers
WHERE stopped_at IS NULL
  AND (heartbeat_at > $1 OR (held_calls IS NULL AND heartbeat_at > $2))
ORDER BY started_at, id";

const HOLD_CALLS: &str = "UPDATE sync_workers SET held_calls = $2 WHERE id = $1";

const STOP_WORKER: &str = "UPDATE sync_workers SET stopped_at = $2 WHERE id = $1";

row! {
    /// A living worker and its calls.
    struct MemberRow {
        id: String,
        wanted_calls: Option<i64>,
        more_to_come: Option<bool>,
        held_calls: Option<i64>,
    }
}

impl MemberRow {
    /// With the part of the calls that a build takes which knows no leases.
    fn member(&self, equal_part: usize) -> Member {
        let calls = |stored: Option<i64>| stored.map(|calls| calls.unsigned_abs() as usize);
        Member {
            wanted: calls(self.wanted_calls).unwrap_or_default(),
            more_to_come: self.more_to_come.unwrap_or_default(),
            held: calls(self.held_calls).unwrap_or(equal_part),
        }
    }
}

impl<DB: Dialect> SqlStore<DB> {
    pub(super) async fn beat(&self, worker: &WorkerId, calls: Calls) -> Result<Lease, Failure> {
        let leased = self.lease(worker, calls).await;
        if matches!(leased, Err(Failure(StoreError::Contention(_)))) {
            // Whoever is at the leases may have stalled there: that must not make this one look dead.
            self.note_alive(worker).await?;
        }
        leased
    }

    /// One worker at a time: what the others hold must not change while one takes what they do not.
    async fn lease(&self, worker: &WorkerId, calls: Calls) -> Result<Lease, Failure> {
        let mut tx = self.begin().await?;
        DB::lock_leases(&mut tx).await?;
        let now = DB::now(&mut tx).await?;
        statement::<DB>(BEAT)
            .bind(worker.to_string())
            .bind(now)
            .bind(number(calls.wanted))
            .bind(calls.more_to_come)
            .bind(number(calls.held))
            .execute(&mut tx)
            .await?;
        let rows: Vec<MemberRow> = statement::<DB>(LIVING)
            .bind(now - calls.patience)
            .bind(now - calls.patience.max(WORKER_SILENCE))
            .fetch_all(&mut tx)
            .await?;
        let place = rows.iter().position(|row| row.id == worker.as_str());
        let place = place.ok_or_else(|| {
            StoreError::Refused(format!("the worker {worker} has stopped in the ledger"))
        })?;
        let equal_part = calls.total.div_ceil(rows.len());
        let living: Vec<Member> = rows.iter().map(|row| row.member(equal_part)).collect();
        let lease = fleet::lease(calls.total, &living, place);
        if lease.share > calls.held {
            statement::<DB>(HOLD_CALLS)
                .bind(worker.to_string())
                .bind(number(lease.share))
                .execute(&mut tx)
                .await?;
        }
        tx.commit().await?;
        Ok(lease)
    }

    async fn note_alive(&self, worker: &WorkerId) -> Result<(), Failure> {
        let mut connection = self.connection().await?;
        let now = DB::now(&mut connection).await?;
        statement::<DB>(ALIVE)
            .bind(worker.to_string())
            .bind(now)
            .execute(&mut connection)
            .await?;
        Ok(())
    }

    pub(super) async fn note_stopped(&self, worker: &WorkerId) -> Result<(), Failure> {
        let mut connection = self.connection().await?;
        let now = DB::now(&mut connection).await?;
        statement::<DB>(STOP_WORKER)
            .bind(worker.to_string())
            .bind(now)
            .execute(&mut connection)
            .await?;
        Ok(())
    }
}

fn number(calls: usize) -> i64 {
    i64::try_from(calls).unwrap_or(i64::MAX)
}
