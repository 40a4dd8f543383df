//! Recording a run and publishing its messages, so that a crash in between loses nothing.

use domain::job::{JobMessage, RunId};
use domain::ledger::NewRun;
use futures::{StreamExt as _, stream};
use queue::{Destination, Envelope, Queue};
use store::Store;

use crate::cli::ResumeArgs;
use crate::console::{Console, Program};
use crate::exit::{CommandError, Exit, PublishError};
use crate::reconcile::{BETWEEN_LOOKS, Found, reconcile};
use crate::render::messages_of;
use crate::status::find_run;

/// Messages published but not yet confirmed, at most.
const IN_FLIGHT: usize = 16;

/// Puts recorded jobs into a queue.
#[derive(Clone, Copy)]
pub struct Enqueuer<'a> {
    /// The ledger.
    pub store: &'a dyn Store,
    /// Where messages go.
    pub queue: &'a dyn Queue,
    /// Publish again what was confirmed before: for a queue that forgets with its process.
    pub published_too: bool,
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
    /// order. Returns how many. Safe to repeat: a message that comes twice is worked on once.
    ///
    /// # Errors
    /// As [`Enqueuer::enqueue`].
    pub async fn publish_unfinished(&self, run: &RunId) -> Result<usize, CommandError> {
        let messages = self.store.unfinished(run, self.published_too).await?;
        self.publish_all(run, &messages).await
    }

    async fn publish_all(
        &self,
        run: &RunId,
        messages: &[JobMessage],
    ) -> Result<usize, CommandError> {
        let total = messages.len();
        let mut confirmed = 0;
        let mut publishing = stream::iter(messages)
            .map(|message| self.publish(message))
            .buffered(IN_FLIGHT);
        while let Some(result) = publishing.next().await {
            // Those still in flight are dropped unmarked, which publishes them once more later.
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

    /// Marks only after the confirm: a crash in between publishes twice, never not at all.
    async fn publish(&self, message: &JobMessage) -> Result<(), PublishError> {
        let envelope = Envelope {
            body: message.encode(),
            attempt: 0,
            reason: None,
        };
        self.queue.publish(Destination::Work, &envelope).await?;
        self.store
            .mark_published(&message.run_id, message.target)
            .await?;
        Ok(())
    }
}

/// `resume`: publishes what a run recorded but never had confirmed, and again what was confirmed
/// and provably lost since.
///
/// # Errors
/// When there is no such run, or a service fails.
pub async fn resume(
    console: &mut Console<'_>,
    enqueuer: Enqueuer<'_>,
    args: &ResumeArgs,
) -> Result<Exit, CommandError> {
    let run = find_run(enqueuer.store, args.run.as_ref()).await?.id;
    // First, because what is published next is in the queue.
    let lost = match enqueuer.published_too {
        true => Found::Nothing,
        false => {
            let Enqueuer { store, queue, .. } = enqueuer;
            reconcile(store, queue, &run, BETWEEN_LOOKS).await?
        }
    };
    let republished = match &lost {
        Found::Lost(messages) => enqueuer.publish_all(&run, messages).await?,
        Found::Nothing | Found::Waiting { .. } => 0,
    };
    match (enqueuer.publish_unfinished(&run).await?, republished) {
        (0, 0) => console.narrate(&format!("run {run}: nothing was left to publish")),
        (count, 0) => console.narrate(&format!("run {run}: {} published", messages_of(count))),
        (count, lost) => console.narrate(&format!(
            "run {run}: {} published, {} lost by the broker published again",
            messages_of(count),
            messages_of(lost)
        )),
    }
    if let Found::Waiting { messages } = lost {
        console.narrate(&waiting(&run, messages, console.program()));
    }
    Ok(Exit::Done)
}

fn waiting(run: &RunId, messages: u64, program: Program) -> String {
    let name = program.name();
    format!(
        "{} still in the queue; what was published before is not published again\n\
         hint: a worker must be running; if jobs stay open once the queue is empty: \
         {name} resume --run {run}",
        match messages {
            1 => "1 message is".to_owned(),
            _ => format!("{messages} messages are"),
        }
    )
}
