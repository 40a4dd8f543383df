//! Following a run to its end: something redrawn on a terminal, lines elsewhere.

use std::io;
use std::time::Duration;

use chrono::Utc;
use console::Term;
use domain::job::RunId;
use domain::ledger::{JobState, RunRecord};
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use queue::Queue;
use store::{Store, StoreError};
use tokio::time::{Instant, MissedTickBehavior, interval_at};
use tokio_util::sync::CancellationToken;

use crate::console::Console;
use crate::exit::{CommandError, Exit, Stuck};
use crate::reconcile::QUIET;
use crate::render;
use crate::status::{progress, summarise};
use crate::summary::{Summary, Verdict};
use crate::watch::{Frame, picture};

/// How often the ledger is asked.
const POLL: Duration = Duration::from_secs(1);
/// Lines come at most this often.
const BETWEEN_LINES: Duration = Duration::from_secs(2);
/// How often it is asked whether anything can still move the run.
const BETWEEN_LOOKS: Duration = Duration::from_secs(5);
/// A database away for longer than this ends the following; the run itself goes on.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a terminal shows meanwhile.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// A progress bar below what was said before.
    Bar,
    /// The whole terminal: the run, its workers, its failures.
    Picture,
}

/// Why the following ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// Nothing more happens to the run by itself.
    Final,
    /// Its work waits for a person, because the ERP refused the sign-in.
    SignInRefused,
    /// The following was stopped; the run goes on.
    Stopped,
}

/// How a run stood when the following ended.
#[derive(Debug, Clone)]
pub struct Followed {
    /// Why it ended.
    pub ended: Ended,
    /// How the run stood.
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

/// Shows how a run goes on until it has ended, cannot go on, or `stop` is cancelled.
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
    let mut ticks = interval_at(Instant::now() + POLL, POLL);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
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
            _ = ticks.tick() => {}
        }
        match progress(store, run).await {
            Ok(summary) => {
                last = summary;
                answered = Instant::now();
            }
            Err(StoreError::Away(_) | StoreError::Contention(_))
                if answered.elapsed() < PATIENCE => {}
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

/// Follows a run after it was enqueued, for `--wait`: narrates how it ended.
///
/// # Errors
/// As [`follow`]; and [`CommandError::Stuck`] when nothing can move the run any more, or it has not
/// ended within `timeout`.
pub async fn wait(
    console: &mut Console<'_>,
    store: &dyn Store,
    queue: &dyn Queue,
    run: &RunRecord,
    timeout: Option<Duration>,
    stop: CancellationToken,
) -> Result<Exit, CommandError> {
    let stuck = async {
        tokio::select! {
            why = until_stuck(store, queue, &run.id) => why,
            why = until_timeout(timeout) => Ok(why),
        }
    };
    let followed = tokio::select! {
        followed = follow(console, store, run, View::Bar, stop) => followed?,
        why = stuck => {
            let run = run.id.clone();
            return Err(CommandError::Stuck { run, why: why? });
        }
    };
    console.narrate(render::page(&followed.summary, console.program()).trim_end());
    Ok(followed.exit())
}

async fn until_timeout(timeout: Option<Duration>) -> Stuck {
    match timeout {
        Some(timeout) => {
            tokio::time::sleep(timeout).await;
            Stuck::Timeout(timeout)
        }
        None => std::future::pending().await,
    }
}

/// Waits until nothing can move a run any more, which two looks in a row must agree on: no worker is
/// alive, or there are no messages for open jobs that no worker has and to which nothing happens.
///
/// A service that is away says nothing: it may be back.
async fn until_stuck(
    store: &dyn Store,
    queue: &dyn Queue,
    run: &RunId,
) -> Result<Stuck, CommandError> {
    let mut ticks = interval_at(Instant::now() + BETWEEN_LOOKS, BETWEEN_LOOKS);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut seen_alive = Instant::now();
    let mut before = None;
    loop {
        ticks.tick().await;
        let (Ok(workers), Ok(lost), Ok(depths)) = (
            store.fleet().await,
            store.lost(run, QUIET).await,
            queue.depths().await,
        ) else {
            continue;
        };
        if !workers.is_empty() {
            seen_alive = Instant::now();
        }
        let idle = workers.iter().all(|worker| worker.jobs.is_empty());
        let now = match lost.len() {
            _ if !idle => None,
            _ if seen_alive.elapsed() >= QUIET => Some(Stuck::NoWorker(QUIET)),
            0 => None,
            open if depths.ready + depths.delayed == 0 => Some(Stuck::NoMessage(open)),
            _ => None,
        };
        match (now, before) {
            (Some(now), Some(_)) => return Ok(now),
            (now, _) => before = now,
        }
    }
}

enum Screen<'c, 'a> {
    Bar(ProgressBar),
    Picture(Term),
    Lines {
        console: &'c mut Console<'a>,
        pace: Pace,
    },
}

impl<'c, 'a> Screen<'c, 'a> {
    fn new(console: &'c mut Console<'a>, view: View) -> Self {
        match view {
            View::Bar if console.is_terminal() => {
                let template = "{wide_bar} {pos}/{len}\n{msg}";
                let style = ProgressStyle::with_template(template).expect("a valid template");
                let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
                bar.set_style(style);
                Self::Bar(bar)
            }
            View::Picture if console.is_interactive() => {
                let term = Term::buffered_stderr();
                // Nobody is told when it fails, here and below: it was for whoever is gone.
                _ = term.clear_screen();
                Self::Picture(term)
            }
            View::Bar | View::Picture => {
                let pace = Pace::default();
                Self::Lines { console, pace }
            }
        }
    }

    fn show(&mut self, summary: &Summary) {
        match self {
            Self::Bar(bar) => {
                bar.set_length(summary.total as u64);
                bar.set_position((summary.done + summary.count(JobState::Failed)) as u64);
                bar.set_message(render::line(summary));
            }
            Self::Picture(term) => _ = paint(term, summary),
            Self::Lines { console, pace } => {
                if let Some(line) = pace.next(render::line(summary), Instant::now()) {
                    console.narrate(&line);
                }
            }
        }
    }

    fn clear(&self) {
        match self {
            Self::Bar(bar) => bar.finish_and_clear(),
            Self::Picture(term) => _ = term.clear_screen().and_then(|()| term.flush()),
            Self::Lines { .. } => {}
        }
    }
}

/// Draws over what was there, from the top: whatever a new size of the terminal made of that. No
/// mode of the terminal is changed, so that there is none to restore after a kill.
fn paint(term: &Term, summary: &Summary) -> io::Result<()> {
    let (rows, columns) = term.size();
    let frame = Frame {
        // The cursor rests on the last row.
        rows: usize::from(rows).saturating_sub(1),
        columns: columns.into(),
        coloured: console::colors_enabled_stderr(),
    };
    term.move_cursor_to(0, 0)?;
    for line in picture(summary, Utc::now(), frame) {
        term.clear_line()?;
        term.write_line(&line)?;
    }
    term.clear_to_end_of_screen()?;
    term.flush()
}

/// Lets a line pass when it says something new and the last one is old enough.
#[derive(Default)]
struct Pace {
    last: Option<(String, Instant)>,
}

impl Pace {
    fn next(&mut self, line: String, now: Instant) -> Option<String> {
        let passes = self
            .last
            .as_ref()
            .is_none_or(|(last, at)| *last != line && now - *at >= BETWEEN_LINES);
        passes.then(|| {
            self.last = Some((line.clone(), now));
            line
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_come_when_something_changed_and_not_in_a_flood() {
        let began = Instant::now();
        let mut pace = Pace::default();
        let mut at = |ms, line: &str| {
            pace.next(line.to_owned(), began + Duration::from_millis(ms))
                .is_some()
        };
        assert!(at(0, "1 of 9"), "the first");
        assert!(!at(1000, "2 of 9"), "too soon");
        assert!(at(2000, "3 of 9"), "changed, and late enough");
        assert!(!at(9000, "3 of 9"), "nothing new");
        assert!(at(9100, "4 of 9"), "new after a long silence");
    }
}
