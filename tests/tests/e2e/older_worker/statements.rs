//! The statements of the last worker before migration 6, word for word; only [`LOCK_TARGET`] returns
//! less here. During an upgrade such workers run beside newer ones, so these never change.

/// One worker at a time is at the leases.
pub const LOCK_LEASES: &str = "
SET LOCAL lock_timeout = '2s';
SELECT pg_advisory_xact_lock('sync_workers'::regclass::oid::bigint)";

pub const ALIVE: &str = "
INSERT INTO sync_workers (id, started_at, heartbeat_at) VALUES ($1, $2, $2)
ON CONFLICT (id) DO UPDATE SET heartbeat_at = excluded.heartbeat_at";

pub const BEAT: &str = "
INSERT INTO sync_workers (id, started_at, heartbeat_at, wanted_calls, more_to_come, held_calls)
VALUES ($1, $2, $2, $3, $4, $5)
ON CONFLICT (id) DO UPDATE
SET heartbeat_at = excluded.heartbeat_at, wanted_calls = excluded.wanted_calls,
    more_to_come = excluded.more_to_come, held_calls = excluded.held_calls";

pub const LIVING: &str = "
SELECT id, wanted_calls, more_to_come, held_calls FROM sync_workers
WHERE stopped_at IS NULL
  AND (heartbeat_at > $1 OR (held_calls IS NULL AND heartbeat_at > $2))
ORDER BY started_at, id";

pub const HOLD_CALLS: &str = "UPDATE sync_workers SET held_calls = $2 WHERE id = $1";

pub const LOCK_TARGET: &str = "
INSERT INTO sync_targets (target) VALUES ($1)
ON CONFLICT (target) DO UPDATE SET target = excluded.target
RETURNING generation";

pub const HOLD: &str = "
UPDATE sync_targets SET generation = $2, holder_run = $3, holder_worker = $4 WHERE target = $1";

pub const BEGIN_ATTEMPT: &str = "
INSERT INTO sync_attempts (target, generation, run_id, worker, started_at)
VALUES ($1, $2, $3, $4, $5)";

pub const RUN_JOB: &str = "
UPDATE sync_jobs
SET state = 'running', generation = $3, crashes = crashes + $4, started_at = $5, worker = $6,
    next_attempt_at = NULL
WHERE run_id = $1 AND target = $2";
