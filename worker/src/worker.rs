//! A worker's connections and bounds.

use std::sync::Arc;
use std::time::Duration;

use domain::ledger::WorkerId;
use mega::MegaClient;
use queue::Queue;
use store::Store;

/// Bounds of a worker's work.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Most jobs in hand at once, beside an urgent one. A worker whose share of the fleet's calls is
    /// smaller has no more jobs than calls.
    pub jobs_at_once: u16,
    /// Longest time of one attempt. It is below the time after which the broker takes back a
    /// delivery; `None` where the queue takes nothing back.
    pub deadline: Option<Duration>,
    /// Time for jobs in hand to finish after a stop; then they are given back.
    pub drain: Duration,
    /// Delays between the attempts of a job that fails for a passing reason; one more attempt than
    /// delays is made.
    pub retry_delays: Vec<Duration>,
}

/// A worker's connections and bounds.
pub struct Worker {
    /// Its name in the ledger.
    pub id: WorkerId,
    /// The database.
    pub store: Arc<dyn Store>,
    /// The broker.
    pub queue: Arc<dyn Queue>,
    /// The ERP.
    pub mega: MegaClient,
    /// Its bounds.
    pub limits: Limits,
}
