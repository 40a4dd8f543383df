//! End to end: real processes, the real PostgreSQL and RabbitMQ, a simulated ERP.

mod answers;
mod doctor;
mod dry_run;
mod erp_away;
mod failures;
mod golden;
mod implausible;
mod interruptions;
mod lies;
mod manual;
mod metrics;
mod newer_stays;
mod older_worker;
mod on_both;
mod outages;
mod panics;
mod retry_after;
mod second_state;
mod sharing;
mod standalone;
mod stopping;
mod tls;

/// The arguments of the golden backfill.
const GOLDEN_BACKFILL: [&str; 8] = [
    "backfill",
    "--start-date",
    "2026-01-01",
    "--end-date",
    "2026-11-22",
    "--as-of",
    "2026-11-23",
    "--wait",
];

/// Whether every job is done, for [`tests::Fleet::until`].
const ALL_DONE: &str = "SELECT bool_and(state = 'done') FROM sync_jobs";

/// The same, without waiting for the end.
const GOLDEN_ENQUEUE: &[&str] = GOLDEN_BACKFILL.split_at(7).0;
