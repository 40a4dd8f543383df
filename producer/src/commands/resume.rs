//! `resume`: publishes the messages of a run that are not in the queue.

use domain::job::RunId;

use crate::cli::ResumeArgs;
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::program::Program;
use crate::publish::{BETWEEN_LOOKS, Enqueuer, Publishing, Reconciled, reconcile};
use crate::report::find_run;
use crate::text::counted;

/// Publishes the messages of a run that were never confirmed, and again those that were confirmed
/// and provably lost since. Records who did so where it published any.
///
/// # Errors
/// When there is no such run, or a service fails.
pub async fn resume(
    console: &mut Console<'_>,
    enqueuer: Enqueuer<'_>,
    args: &ResumeArgs,
) -> Result<Exit, CommandError> {
    let run = find_run(enqueuer.store, args.run.as_ref()).await?.id;
    // Before the unconfirmed messages, which fill the queue.
    let lost = match enqueuer.publishing {
        Publishing::All | Publishing::Nothing => Reconciled::NothingLost,
        Publishing::Missing => {
            let Enqueuer { store, queue, .. } = enqueuer;
            reconcile(store, queue, &run, BETWEEN_LOOKS).await?
        }
    };
    let republished = match &lost {
        Reconciled::Lost(messages) => enqueuer.publish_all(&run, messages).await,
        Reconciled::NothingLost | Reconciled::QueueHolds { .. } => Ok(0),
    };
    let published = match &republished {
        Ok(_) => enqueuer.publish_unfinished(&run).await,
        Err(_) => Ok(0),
    };
    // Before a failure is told: what was confirmed until then is in the queue.
    if confirmed(&republished) + confirmed(&published) > 0 {
        let by = console.who_asks();
        enqueuer.store.record_resume(&run, &by).await?;
    }
    let republished = republished?;
    match (published?, republished) {
        (0, 0) => console.narrate(&format!("run {run}: nothing was left to publish")),
        (count, 0) => console.narrate(&format!(
            "run {run}: {} published",
            counted(count, "message")
        )),
        (count, lost) => console.narrate(&format!(
            "run {run}: {} published, {} lost by the broker published again",
            counted(count, "message"),
            counted(lost, "message")
        )),
    }
    if let Reconciled::QueueHolds { messages } = lost {
        console.narrate(&waiting(&run, messages, console.program()));
    }
    Ok(Exit::Done)
}

/// How many messages were confirmed, until the last one or until publishing stopped.
fn confirmed(published: &Result<usize, CommandError>) -> usize {
    match published {
        Ok(count) => *count,
        Err(CommandError::Unpublished { left, total, .. }) => total - left,
        Err(_) => 0,
    }
}

fn waiting(run: &RunId, messages: u64, program: Program) -> String {
    let name = program.name();
    format!(
        "{} still in the queue; published messages are not published again\n\
         hint: start a worker; if jobs stay open once the queue is empty: \
         {name} resume --run {run}",
        match messages {
            1 => "1 message is".to_owned(),
            _ => format!("{messages} messages are"),
        }
    )
}
