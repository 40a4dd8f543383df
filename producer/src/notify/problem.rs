//! The states of the ledger that need a person. No I/O.

use chrono::{DateTime, TimeDelta, Utc};
use domain::failure::FailureClass;
use domain::ledger::JobRecord;
use store::LastTold;

use super::age::MaxAge;
use super::event::{CauseCount, Facts, MissedSchedule};
use super::seen::Seen;
use crate::report::failed_causes;
use crate::schedule::is_passing_over;
use crate::text::day_of;

/// The ERP is away for long when jobs wait for it for so long.
const AWAY_FOR: TimeDelta = TimeDelta::minutes(30);
/// What goes on is told again after so long.
const AGAIN_AFTER: TimeDelta = TimeDelta::days(1);

/// A state that needs a person.
pub(super) struct Problem {
    pub facts: Facts,
    /// When it came to be so.
    since: DateTime<Utc>,
    /// Told again while it goes on.
    again: bool,
}

impl Problem {
    /// Whether it is to be told, where it was told so last.
    pub fn is_due(&self, told: Option<&LastTold>, now: DateTime<Utc>) -> bool {
        match told {
            None => true,
            Some(told) if told.day == day_of(now) => false,
            Some(told) if self.since > told.at => true,
            Some(told) => self.again && now - told.at >= AGAIN_AFTER,
        }
    }
}

/// The states that need a person.
pub(super) fn problems(seen: &Seen, max_age: MaxAge, now: DateTime<Utc>) -> Vec<Problem> {
    [
        run_failed(seen),
        sign_in_refused(seen),
        erp_away(seen, now),
        implausible(seen),
        stale(seen, max_age, now),
        schedule_missed(seen),
        plan_refused(seen),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn run_failed(seen: &Seen) -> Option<Problem> {
    let (run, jobs) = seen.failures.iter().find(|(run, _)| run.open == 0)?;
    let finished_at = run.finished_at?;
    Some(Problem {
        facts: Facts::RunFailed {
            run: run.run.id.clone(),
            total: run.total,
            failed: run.failed,
            finished_at,
            causes: failed_causes(jobs).iter().map(CauseCount::from).collect(),
        },
        since: finished_at,
        again: false,
    })
}

fn sign_in_refused(seen: &Seen) -> Option<Problem> {
    let refused = seen.refused.as_ref()?;
    Some(Problem {
        facts: Facts::SignInRefused {
            at: refused.at,
            why: refused.why.clone(),
        },
        since: refused.at,
        again: true,
    })
}

fn erp_away(seen: &Seen, now: DateTime<Utc>) -> Option<Problem> {
    let since = seen.erp.since.filter(|since| now - *since >= AWAY_FOR)?;
    Some(Problem {
        facts: Facts::ErpAway {
            since,
            jobs: seen.erp.deferred,
        },
        since,
        again: true,
    })
}

fn implausible(seen: &Seen) -> Option<Problem> {
    let of_run = |jobs: &[JobRecord]| {
        let implausible = jobs.iter().filter(|job| {
            let cause = job.cause.as_ref();
            cause.is_some_and(|cause| cause.class == FailureClass::Implausible)
        });
        implausible.cloned().collect::<Vec<_>>()
    };
    let runs = seen.failures.iter();
    let (run, jobs) = runs
        .map(|(run, jobs)| (run, of_run(jobs)))
        .find(|(_, jobs)| !jobs.is_empty())?;
    let last = jobs.iter().filter_map(|job| job.finished_at).max();
    Some(Problem {
        facts: Facts::Implausible {
            run: run.run.id.clone(),
            causes: failed_causes(&jobs).iter().map(CauseCount::from).collect(),
        },
        since: last.unwrap_or(run.run.created_at),
        again: false,
    })
}

/// Without a complete run, counted from the oldest run that is looked at.
fn stale(seen: &Seen, max_age: MaxAge, now: DateTime<Utc>) -> Option<Problem> {
    let oldest = seen.runs.last().map(|run| run.run.created_at);
    let since = seen.last_complete.or(oldest)? + max_age.length();
    (now > since).then(|| Problem {
        facts: Facts::Stale {
            last: seen.last_complete,
            max_age: max_age.to_string(),
        },
        since,
        again: true,
    })
}

/// One that is paused needs nobody, whatever it missed.
fn schedule_missed(seen: &Seen) -> Option<Problem> {
    let missed = seen.missed.iter();
    let missed: Vec<_> = missed
        .filter(|missed| !missed.paused && !is_passing_over(&missed.why))
        .collect();
    let since = missed.iter().map(|missed| missed.decided_at).max()?;
    Some(Problem {
        facts: Facts::ScheduleMissed {
            missed: missed.into_iter().map(MissedSchedule::from).collect(),
        },
        since,
        again: false,
    })
}

/// When it was refused is not kept.
fn plan_refused(seen: &Seen) -> Option<Problem> {
    let plan = seen.refused_plan.as_ref().filter(|plan| !plan.replaced)?;
    Some(Problem {
        facts: Facts::PlanRefused {
            run: plan.run.clone(),
            schedule: plan.schedule.as_ref().map(ToString::to_string),
            why: plan.why.clone(),
        },
        since: plan.begun_at,
        again: false,
    })
}
