//! The workers: who is alive, and which of the fleet's calls each may have in flight.

use std::time::Duration;

use domain::fleet::{self, Calls, DEAD_AFTER, Lease, Member};
use domain::ledger::WorkerId;
use domain::store_error::StoreError;

use super::dialect::Dialect;
use super::pausing;
use super::row::row;
use super::sql_store::SqlStore;
use super::statement::statement;
use crate::error::Failure;

/// Says that a worker lives, and nothing of its calls.
pub(super) const ALIVE: &str = "
INSERT INTO sync_workers (id, started_at, heartbeat_at) VALUES ($1, $2, $2)
ON CONFLICT (id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at";

const BEAT: &str = "
INSERT INTO sync_workers (id, started_at, heartbeat_at, wanted_calls, held_calls)
VALUES ($1, $2, $2, $3, $4)
ON CONFLICT (id) DO UPDATE
SET heartbeat_at = excluded.heartbeat_at, wanted_calls = excluded.wanted_calls,
    held_calls = excluded.held_calls";

// The newest last, so that a worker that joins takes from the others and not their places.
const LIVING: &str = "
SELECT id, wanted_calls, held_calls FROM sync_workers
WHERE stopped_at IS NULL AND heartbeat_at > $1
ORDER BY started_at, id";

const LEARN: &str = "UPDATE sync_erp SET learned_calls = $1, learned_at = $2 WHERE id = 1";

const LEARNED: &str = "SELECT learned_calls FROM sync_erp WHERE id = 1 AND learned_at > $1";

const HOLD_CALLS: &str = "UPDATE sync_workers SET held_calls = $2 WHERE id = $1";

const STOP_WORKER: &str = "UPDATE sync_workers SET stopped_at = $2 WHERE id = $1";

/// For how long what the ERP has shown to take is good to begin with.
const LEARNED_FOR: Duration = Duration::from_secs(7 * 24 * 60 * 60);

row! {
    /// A living worker and its calls.
    struct MemberRow {
        id: String,
        wanted_calls: Option<i64>,
        held_calls: Option<i64>,
    }
}

row! {
    /// How many calls at once the ERP has shown to take.
    struct LearnedRow {
        learned_calls: Option<i64>,
    }
}

impl MemberRow {
    /// What its lease goes by.
    fn member(&self) -> Member {
        let held = self.held_calls.unwrap_or_default();
        Member {
            pending: self.wanted_calls.unwrap_or_default() > 0,
            held: usize::try_from(held).unwrap_or_default(),
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
            .bind(number(calls.pending))
            .bind(number(calls.held))
            .execute(&mut tx)
            .await?;
        let rows: Vec<MemberRow> = statement::<DB>(LIVING)
            .bind(now - DEAD_AFTER)
            .fetch_all(&mut tx)
            .await?;
        let place = rows.iter().position(|row| row.id == worker.as_str());
        let place = place.ok_or_else(|| {
            StoreError::Refused(format!("the worker {worker} has stopped in the ledger"))
        })?;
        let living: Vec<Member> = rows.iter().map(MemberRow::member).collect();
        let most = if calls.cut_off {
            calls.held
        } else {
            calls.total
        };
        let share = fleet::lease(calls.total, &living, place).min(most);
        if share > calls.held {
            statement::<DB>(HOLD_CALLS)
                .bind(worker.to_string())
                .bind(number(share))
                .execute(&mut tx)
                .await?;
        }
        if let Some(learned) = calls.learned.filter(|_| calls.pending > 0) {
            statement::<DB>(LEARN)
                .bind(number(learned))
                .bind(now)
                .execute(&mut tx)
                .await?;
        }
        let learned: Option<LearnedRow> = statement::<DB>(LEARNED)
            .bind(now - LEARNED_FOR)
            .fetch_optional(&mut tx)
            .await?;
        let learned = learned.and_then(|row| row.learned_calls);
        let lease = Lease {
            share,
            workers: living.len(),
            learned: learned.and_then(|calls| usize::try_from(calls).ok()),
            paused: pausing::standing::<DB>(&mut tx, now).await?.is_some(),
        };
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
