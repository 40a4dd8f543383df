//! Following a run to its end.

use std::time::Duration;

use domain::ledger::{JobState, RunRecord};
use runtime::retry::Delays;
use store::{Store, StoreError};
use tokio::time::{Instant, sleep};
use tokio_util::sync::CancellationToken;

use super::screen::{Screen, View};
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::report::{Summary, Verdict, progress, summarise};

/// Time between the first two reads of the ledger, and the longest between two: a short run is
/// reported without waiting, and a long one is not asked about all the time.
const FIRST_POLL: Duration = Duration::from_millis(20);
const LONGEST_POLL: Duration = Duration::from_secs(1);
/// A database that is away for longer than this ends the following; the run itself goes on.
const LONGEST_OUTAGE: Duration = Duration::from_secs(60);

/// Why the following ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Every job is final.
    Final,
    /// The run waits for a person, because the ERP refused the sign-in.
    SignInRefused,
    /// The following was stopped; the run goes on.
    Stopped,
}

/// The state of a run when the following ended.
#[derive(Debug, Clone)]
pub struct Followed {
    /// Why it ended.
    pub ended: Ended,
    /// The state of the run.
    pub summary: Summary,
}

impl Followed {
    /// The exit code for a command that was to wait for the run's end.
    pub const fn exit(&self) -> Exit {
        match self.ended {
            Ended::Stopped => Exit::Other,
            Ended::Final | Ended::SignInRefused => self.summary.exit(),
        }
    }
}

/// Shows the progress of a run until it has ended, waits for a person, or `stop` is cancelled.
///
/// # Errors
/// When the database fails, or stays away for a minute.
pub async fn follow(
    console: &mut Console<'_>,
    store: &dyn Store,
    run: &RunRecord,
    view: View,
    stop: CancellationToken,
) -> Result<Followed, CommandError> {
    let mut screen = Screen::new(console, view);
    let mut polls = Delays::new(FIRST_POLL, LONGEST_POLL);
    let mut last = progress(store, run).await?;
    let mut answered = Instant::now();
    let ended = loop {
        screen.show(&last);
        if last.is_final() {
            break Ended::Final;
        }
        if last.verdict == Verdict::SignInRefused && last.count(JobState::Running) == 0 {
            break Ended::SignInRefused;
        }
        tokio::select! {
            () = stop.cancelled() => break Ended::Stopped,
            () = sleep(polls.next_delay()) => {}
        }
        match progress(store, run).await {
            Ok(summary) => {
                last = summary;
                answered = Instant::now();
            }
            Err(StoreError::Away(_) | StoreError::Contention(_))
                if answered.elapsed() < LONGEST_OUTAGE => {}
            Err(error) => return Err(error.into()),
        }
    };
    screen.clear();
    let summary = match ended {
        Ended::Stopped => last,
        Ended::Final | Ended::SignInRefused => summarise(store, run).await?,
    };
    Ok(Followed { ended, summary })
}
