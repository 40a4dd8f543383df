//! What becomes of the times of a schedule that are due. No I/O.

use chrono::{DateTime, TimeDelta, Utc};
use domain::job::RunId;
use domain::ledger::Pause;
use domain::schedule::{DecidedTime, MISSED, SchedulePause, TimeOutcome};

use super::times::Times;

/// A time that was due longer ago than this begins no run.
pub const CATCH_UP: TimeDelta = TimeDelta::hours(12);
/// The first word of the reason why a time that came in a pause began no run.
const PAUSED: &str = "paused";
/// Times that are decided at once, at most: a schedule of every second has 86,400 a day.
const AT_ONCE: usize = 1_000;

/// Times that are due and not decided, in order and at least one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Due {
    times: Vec<DateTime<Utc>>,
    latest: DateTime<Utc>,
    /// Later ones are due too: they are decided next.
    more: bool,
}

impl Due {
    /// The first times after `decided_until` and up to `now`; `None` when none is due.
    pub fn of(times: &Times, decided_until: DateTime<Utc>, now: DateTime<Utc>) -> Option<Self> {
        let following = times.following(decided_until);
        let mut due = following.take_while(|at| *at <= now);
        let times: Vec<_> = due.by_ref().take(AT_ONCE).collect();
        Some(Self {
            latest: *times.last()?,
            more: due.next().is_some(),
            times,
        })
    }

    /// The latest of them.
    pub const fn latest(&self) -> DateTime<Utc> {
        self.latest
    }
}

/// What else counts for a decision.
#[derive(Debug, Clone, Copy)]
pub struct Standing<'a> {
    /// The time of the decision.
    pub now: DateTime<Utc>,
    /// The pause of the schedule.
    pub schedule: Option<&'a SchedulePause>,
    /// The pause of the whole fleet.
    pub fleet: Option<&'a Pause>,
    /// A run of the schedule that is open, where one is in the way.
    pub open: Option<&'a RunId>,
}

/// Decides the times that are due: the latest of all begins `run`, unless something keeps it from it,
/// such as arguments that ask for nothing possible. The others are skipped.
pub fn decide(due: &Due, standing: &Standing<'_>, run: Result<&RunId, String>) -> Vec<DecidedTime> {
    let latest = match obstacle(due, standing) {
        Some(why) => TimeOutcome::Skipped { why },
        None => match run {
            Ok(run) => TimeOutcome::Run(run.clone()),
            Err(why) => TimeOutcome::Skipped {
                why: format!("refused: {why}"),
            },
        },
    };
    let earlier = due.times.iter().filter(|at| **at != due.latest);
    let missed = earlier.map(|at| DecidedTime {
        at: *at,
        outcome: TimeOutcome::Skipped {
            why: missed_for_a_later(),
        },
    });
    missed
        .chain([DecidedTime {
            at: due.latest,
            outcome: latest,
        }])
        .collect()
}

/// Why the latest time begins no run; its first word is the kind of reason.
fn obstacle(due: &Due, standing: &Standing<'_>) -> Option<String> {
    if due.more {
        return Some(missed_for_a_later());
    }
    if standing.now - due.latest > CATCH_UP {
        return Some(format!(
            "{MISSED}: it was due more than {} hours before",
            CATCH_UP.num_hours()
        ));
    }
    if let Some(SchedulePause { by, why, .. }) = standing.schedule {
        let why = why.as_deref().map(|why| format!(": {why}"));
        return Some(format!(
            "{PAUSED}: the schedule, by {by}{}",
            why.unwrap_or_default()
        ));
    }
    if let Some(Pause { by, why, .. }) = standing.fleet {
        return Some(format!("{PAUSED}: the fleet, by {by}: {why}"));
    }
    let open = standing.open?;
    Some(format!("overlap: run {open} was still open"))
}

fn missed_for_a_later() -> String {
    format!("{MISSED}: a later time was due as well")
}

/// Whether the times that were missed before a schedule's newest one need nobody yet, where that one began no
/// run for `why`: somebody has paused it, or a later time is decided next.
pub fn is_passing_over(why: &str) -> bool {
    why.starts_with(PAUSED) || why == missed_for_a_later()
}
