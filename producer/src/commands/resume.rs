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
    // Before the unconfirmed messages, which fill the queue.
    let lost = match enqueuer.publishing {
        Publishing::All | Publishing::Nothing => Reconciled::NothingLost,
        Publishing::Missing => {
            let Enqueuer { store, queue, .. } = enqueuer;
            reconcile(store, queue, &run, BETWEEN_LOOKS).await?
        }
    };
    let republished = match &lost {
        Reconciled::Lost(messages) => enqueuer.publish_all(&run, messages).await?,
        Reconciled::NothingLost | Reconciled::QueueHolds { .. } => 0,
    };
    match (enqueuer.publish_unfinished(&run).await?, republished) {
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
