//! Which rows go with a run that is pruned, and which by their age alone.

pub const RUNS: &str = "runs";
pub const JOBS: &str = "jobs";

/// What a run has beside its jobs, by kind.
pub const OF_RUN: [(&str, &str); 4] = [
    ("checks", "sync_checks"),
    ("attempts", "sync_attempts"),
    ("requeues", "sync_requeues"),
    ("actions", "sync_actions"),
];

/// What a run of the history alone loses, and which of it: what is of an attempt that ended before.
pub const OF_HISTORY: [(&str, &str, &str); 2] = [
    (
        "checks",
        "sync_checks",
        "NOT EXISTS (
    SELECT 1 FROM sync_attempts a
    WHERE a.target = sync_checks.target AND a.generation = sync_checks.generation
      AND (a.finished_at IS NULL OR a.finished_at >= $2))",
    ),
    ("attempts", "sync_attempts", "finished_at < $2"),
];

/// Rows that go by their age alone, because nothing names them. A line for each table: its kind, its name,
/// its key, and which are older than $1.
pub const BY_AGE: [ByAge; 3] = [
    // With what became of them on each channel.
    ByAge {
        kind: "notifications",
        table: "sync_notifications",
        key: "id",
        older: "created_at < $1",
    },
    ByAge {
        kind: "workers",
        table: "sync_workers",
        key: "id",
        older: "heartbeat_at < $1 AND (stopped_at IS NULL OR stopped_at < $1)",
    },
    ByAge {
        kind: "times",
        table: "sync_schedule_times",
        key: "schedule, at",
        older: "at < $1",
    },
];

/// Rows of a table that go by their age.
pub struct ByAge {
    pub kind: &'static str,
    pub table: &'static str,
    pub key: &'static str,
    pub older: &'static str,
}

/// Rows that one transaction removes by their age, at most.
pub const BATCH: u64 = 2_000;
