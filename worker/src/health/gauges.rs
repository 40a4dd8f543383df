//! What stands as it stands when a worker is scraped. The fleet's own state (queues, jobs, sign-in,
//! pause) is the same from every worker: take the maximum, not the sum.

use domain::ledger::JobState;
use metrics::{describe_gauge, gauge};
use queue::{Destination, Lane};

use super::connections::answer;
use crate::worker::Worker;

/// Which build runs.
const BUILD_INFO: &str = "mega_sync_build_info";
/// Whether database and broker answer.
const SERVICE_UP: &str = "mega_sync_service_up";
/// Migrations of this build that the schema lacks.
const MIGRATIONS_PENDING: &str = "mega_sync_migrations_pending";
/// Messages by queue.
const QUEUE_MESSAGES: &str = "mega_sync_queue_messages";
/// Each target's newest job, by state.
const JOBS: &str = "mega_sync_jobs";
/// Whether the fleet's sign-in stands refused.
const SIGN_IN_REFUSED: &str = "mega_sync_sign_in_refused";
/// Whether the fleet is paused.
const PAUSED: &str = "mega_sync_paused";
/// Whether this worker's circuit is open.
const ERP_AWAY: &str = "mega_sync_erp_away";
/// Calls to the ERP that this worker has in flight.
const CALLS_IN_FLIGHT: &str = "mega_sync_http_calls_in_flight";
/// How many it may have.
const CALL_LIMIT: &str = "mega_sync_http_limit";

/// What a gauge shows while it cannot be known: it compares with nothing, so nothing stale is
/// taken for true.
const UNKNOWN: f64 = f64::NAN;

/// Tells the recorder what these gauges mean.
pub fn describe() {
    describe_gauge!(BUILD_INFO, "1, with the version of this build");
    describe_gauge!(
        SERVICE_UP,
        "1 while the service answers this worker, 0 while it does not"
    );
    describe_gauge!(
        MIGRATIONS_PENDING,
        "Migrations of this build that the database lacks"
    );
    describe_gauge!(
        QUEUE_MESSAGES,
        "Messages ready in a queue, without those in a worker's hands; of the whole fleet"
    );
    describe_gauge!(
        JOBS,
        "Targets by the state of their newest job, of runs of the last 30 days; of the whole fleet"
    );
    describe_gauge!(
        SIGN_IN_REFUSED,
        "1 while the ERP's refusal stops all sign-ins of the fleet"
    );
    describe_gauge!(
        PAUSED,
        "1 while the fleet is paused and no worker takes a new job; of the whole fleet"
    );
    describe_gauge!(
        ERP_AWAY,
        "1 while this worker's circuit is open and it takes no job"
    );
    describe_gauge!(
        CALLS_IN_FLIGHT,
        "Calls to the ERP that this worker has in flight"
    );
    describe_gauge!(
        CALL_LIMIT,
        "Calls to the ERP that this worker may have in flight: what the ERP has shown to take, up to \
         the worker's share of the fleet's"
    );
}

/// Reads everything anew.
pub async fn read(worker: &Worker) {
    gauge!(BUILD_INFO, "version" => env!("CARGO_PKG_VERSION")).set(1.0);
    gauge!(ERP_AWAY).set(flag(worker.mega.is_known_to_be_away()));
    gauge!(CALLS_IN_FLIGHT).set(worker.mega.in_flight() as f64);
    gauge!(CALL_LIMIT).set(worker.mega.limit() as f64);
    tokio::join!(read_broker(worker), read_database(worker));
}

async fn read_broker(worker: &Worker) {
    let lengths = answer(worker.queue.lengths()).await;
    gauge!(SERVICE_UP, "service" => "broker").set(flag(lengths.is_ok()));
    let Ok(lengths) = lengths else {
        for destination in Destination::all(&worker.limits.retry_delays) {
            gauge!(QUEUE_MESSAGES, "queue" => name_of(destination)).set(UNKNOWN);
        }
        return;
    };
    for (destination, messages) in lengths {
        gauge!(QUEUE_MESSAGES, "queue" => name_of(destination)).set(messages as f64);
    }
}

fn name_of(destination: Destination) -> String {
    match destination {
        Destination::Work(Lane::Normal) => "work".to_owned(),
        Destination::Work(Lane::Urgent) => "urgent".to_owned(),
        Destination::Retry(Lane::Normal, delay) => format!("retry_{}s", delay.as_secs_f64()),
        Destination::Retry(Lane::Urgent, delay) => {
            format!("urgent_retry_{}s", delay.as_secs_f64())
        }
        Destination::Dead => "dead".to_owned(),
    }
}

async fn read_database(worker: &Worker) {
    let (pending, jobs, session, pause) = tokio::join!(
        answer(worker.store.pending_migrations()),
        answer(worker.store.jobs_by_state()),
        answer(worker.store.session()),
        answer(worker.store.pause_of_fleet()),
    );
    gauge!(SERVICE_UP, "service" => "database").set(flag(session.is_ok()));
    gauge!(MIGRATIONS_PENDING).set(pending.map_or(UNKNOWN, |pending| pending as f64));
    gauge!(SIGN_IN_REFUSED).set(session.map_or(UNKNOWN, |session| flag(session.refused.is_some())));
    gauge!(PAUSED).set(pause.map_or(UNKNOWN, |pause| flag(pause.is_some())));
    for &state in JobState::ALL {
        let count = jobs.as_ref().map_or(UNKNOWN, |jobs| {
            let of_state = jobs.iter().find(|(of, _)| *of == state);
            of_state.map_or(0.0, |(_, count)| *count as f64)
        });
        gauge!(JOBS, "state" => state.name()).set(count);
    }
}

fn flag(is_set: bool) -> f64 {
    f64::from(u8::from(is_set))
}
