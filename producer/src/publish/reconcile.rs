//! Jobs whose message the broker confirmed and then lost: a purged queue, a lost disk.
//!
//! AMQP cannot list messages, so a message counts as lost when two things hold: by the ledger no
//! living worker has the job and it is unchanged for two minutes, and by the broker the queues are
//! empty. A message that was just delivered is in neither; its worker claims the job within
//! moments, and a second look finds the claim. A later duplicate does no harm: a claim fences the
//! earlier attempt out.

use std::collections::BTreeSet;
use std::time::Duration;

use domain::job::{JobMessage, RunId, Target};
use queue::Queue;
use store::Store;

use crate::error::CommandError;

/// How long a job is unchanged before its message counts as lost; also how long a command that
/// takes such jobs has to publish them.
pub const QUIET: Duration = Duration::from_secs(120);
/// Time between the two looks: far more than a worker takes to claim a delivered job.
pub const BETWEEN_LOOKS: Duration = Duration::from_secs(3);

/// The lost messages of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reconciled {
    /// There are none.
    NothingLost,
    /// The queues still hold messages, which may be those of the run.
    QueueHolds {
        /// Messages in the queues, of whichever run.
        messages: u64,
    },
    /// These are lost, and this process is to publish them again.
    Lost(Vec<JobMessage>),
}

/// Finds the lost messages of a run, and takes them to publish again: of two processes at once,
/// each gets its own.
///
/// # Errors
/// When a service fails.
pub async fn reconcile(
    store: &dyn Store,
    queue: &dyn Queue,
    run: &RunId,
    between_looks: Duration,
) -> Result<Reconciled, CommandError> {
    let first = store.lost(run, QUIET).await?;
    if first.is_empty() {
        return Ok(Reconciled::NothingLost);
    }
    if let Some(waiting) = waiting(queue).await? {
        return Ok(waiting);
    }
    tokio::time::sleep(between_looks).await;
    if let Some(waiting) = waiting(queue).await? {
        return Ok(waiting);
    }
    let taken = store.take_lost(run, QUIET, &first).await?;
    let taken: BTreeSet<Target> = taken.into_iter().collect();
    let mut lost = store.unfinished(run, true).await?;
    lost.retain(|message| taken.contains(&message.target));
    Ok(match lost.is_empty() {
        true => Reconciled::NothingLost,
        false => Reconciled::Lost(lost),
    })
}

async fn waiting(queue: &dyn Queue) -> Result<Option<Reconciled>, CommandError> {
    let depths = queue.depths().await?;
    let messages = depths.ready + depths.delayed;
    Ok((messages > 0).then_some(Reconciled::QueueHolds { messages }))
}
