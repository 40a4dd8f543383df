//! Whether a person has cancelled the job in hand.

use std::time::Duration;

use domain::ledger::Attempt;
use tokio::sync::Semaphore;
use tokio::time::sleep;
use tokio_util::sync::CancellationToken;
use tracing::{debug, info};

use crate::outcome::Outcome;
use crate::worker::Worker;

/// How often the ledger is asked.
const BETWEEN_LOOKS: Duration = Duration::from_secs(1);

/// One job asks at a time: a database that is silent then holds one connection, and not all.
static LOOKING: Semaphore = Semaphore::const_new(1);

/// Waits until the attempt's job is cancelled; else for ever.
pub async fn cancelled(worker: &Worker, attempt: &Attempt) {
    loop {
        sleep(BETWEEN_LOOKS).await;
        let _turn = LOOKING.acquire().await;
        if asked(worker, attempt).await {
            return;
        }
    }
}

/// Whether the attempt's job is cancelled, as far as the ledger says before `give_back`.
pub async fn is_cancelled(
    worker: &Worker,
    attempt: &Attempt,
    give_back: &CancellationToken,
) -> bool {
    let answer = give_back.run_until_cancelled(asked(worker, attempt)).await;
    answer.unwrap_or(false)
}

/// What becomes of the message of a cancelled attempt. The ledger has its end, and a requeue publishes
/// a message of its own.
pub fn given_up() -> Outcome {
    info!("cancelled: given up, nothing was written");
    Outcome::Cancelled
}

/// A database that does not answer leaves it to the commit, which no cancelled attempt passes.
async fn asked(worker: &Worker, attempt: &Attempt) -> bool {
    match worker.store.is_cancelled(attempt).await {
        Ok(is_cancelled) => is_cancelled,
        Err(error) => {
            debug!("whether the job is cancelled is not known: {error}");
            false
        }
    }
}
