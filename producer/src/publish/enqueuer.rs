//! Recording a run and publishing its messages, so that a crash in between loses nothing.

use domain::job::{JobMessage, RunId};
use domain::ledger::NewRun;
use futures::{StreamExt as _, stream};
use queue::{Destination, Envelope, Lane, Queue};
use store::Store;

use crate::error::{CommandError, PublishError};

/// Messages published but not yet confirmed, at most.
const IN_FLIGHT: usize = 16;

/// Which of the open jobs' messages are published.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Publishing {
    /// Those that were never confirmed.
    Missing,
    /// All: the queue ends with its process, so what was confirmed before is gone.
    All,
    /// None: another process takes them from the ledger.
    Nothing,
}

/// Puts recorded jobs into a queue.
#[derive(Clone, Copy)]
pub struct Enqueuer<'a> {
    /// The ledger.
    pub store: &'a dyn Store,
    /// Where messages go.
    pub queue: &'a dyn Queue,
    /// Which of them.
    pub publishing: Publishing,
}

impl Enqueuer<'_> {
    /// Records a run and its jobs in one transaction, then publishes them. Returns how many.
    ///
    /// # Errors
    /// [`CommandError::Store`] when nothing was recorded, [`CommandError::Unpublished`] when it
    /// was, but publishing stopped halfway.
    pub async fn enqueue(&self, run: &NewRun) -> Result<usize, CommandError> {
        self.store.record_run(run).await?;
        self.publish_unfinished(&run.id).await
    }

    /// Publishes the messages of a run's jobs that are not final and not confirmed, in their
    /// order, as far as this one is to. Returns how many. Safe to repeat: a message that comes twice is
    /// worked on once.
    ///
    /// # Errors
    /// As [`Enqueuer::enqueue`].
    pub async fn publish_unfinished(&self, run: &RunId) -> Result<usize, CommandError> {
        let published_too = match self.publishing {
            Publishing::Missing => false,
            Publishing::All => true,
            Publishing::Nothing => return Ok(0),
        };
        let messages = self.store.unfinished(run, published_too).await?;
        self.publish_all(run, &messages).await
    }

    /// Publishes messages in their order, in the lane of their run. Returns how many.
    ///
    /// # Errors
    /// As [`Enqueuer::enqueue`].
    pub(crate) async fn publish_all(
        &self,
        run: &RunId,
        messages: &[JobMessage],
    ) -> Result<usize, CommandError> {
        let total = messages.len();
        if total == 0 {
            return Ok(0);
        }
        let recorded = self.store.run(Some(run)).await?;
        let lane = Lane::of(recorded.is_some_and(|run| run.urgent));
        let mut confirmed = 0;
        let messages: Vec<_> = messages.iter().map(|one| self.publish(lane, one)).collect();
        let mut publishing = stream::iter(messages).buffered(IN_FLIGHT);
        while let Some(result) = publishing.next().await {
            // Those still in flight stay unmarked and are published once more later.
            result.map_err(|source| CommandError::Unpublished {
                run: run.clone(),
                left: total - confirmed,
                total,
                source,
            })?;
            confirmed += 1;
        }
        Ok(confirmed)
    }

    /// Marks after the confirm: a crash in between publishes a message twice and loses none.
    async fn publish(&self, lane: Lane, message: &JobMessage) -> Result<(), PublishError> {
        let envelope = Envelope {
            body: message.encode(),
            attempt: 0,
            reason: None,
        };
        let work = Destination::Work(lane);
        self.queue.publish(work, &envelope).await?;
        self.store
            .mark_published(&message.run_id, message.target)
            .await?;
        Ok(())
    }
}
