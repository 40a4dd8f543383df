//! What is to be told, of what the ledger shows and of what was told before. No I/O.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use domain::failure::FailureClass;
use domain::ledger::JobRecord;
use store::LastTold;
use strum::VariantArray as _;

use super::age::MaxAge;
use super::event::{CauseCount, Event, Facts};
use super::seen::Seen;
use crate::report::failed_causes;
use crate::text::day_of;

/// The ERP is away for long when jobs wait for it for so long.
const AWAY_FOR: TimeDelta = TimeDelta::minutes(30);
/// What goes on is told again after so long.
const AGAIN_AFTER: TimeDelta = TimeDelta::days(1);

/// What is to be told, and the day that it counts for.
pub(super) fn found(
    seen: &Seen,
    told: &[LastTold],
    max_age: MaxAge,
    now: DateTime<Utc>,
) -> Vec<(NaiveDate, Facts)> {
    let problems = problems(seen, max_age, now);
    let over = Event::VARIANTS.iter().filter_map(|event| {
        let day = unfinished(told, *event)?;
        let from = is_over(*event, seen, &problems).then_some(*event)?;
        let run = seen.runs.first().map(|run| run.run.id.clone());
        Some((day, Facts::Recovered { from, run }))
    });
    let over: Vec<_> = over.collect();
    let problems = problems.into_iter();
    let new = problems.filter(|problem| problem.is_due(last(told, problem.facts.event()), now));
    new.map(|problem| (day_of(now), problem.facts))
        .chain(over)
        .collect()
}

/// A state that needs a person.
struct Problem {
    facts: Facts,
    /// When it came to be so.
    since: DateTime<Utc>,
    /// Told again while it goes on.
    again: bool,
}

impl Problem {
    fn is_due(&self, told: Option<&LastTold>, now: DateTime<Utc>) -> bool {
        match told {
            None => true,
            Some(told) if told.day == day_of(now) => false,
            Some(told) if self.since > told.at => true,
            Some(told) => self.again && now - told.at >= AGAIN_AFTER,
        }
    }
}

fn problems(seen: &Seen, max_age: MaxAge, now: DateTime<Utc>) -> Vec<Problem> {
    [
        run_failed(seen),
        sign_in_refused(seen),
        erp_away(seen, now),
        implausible(seen),
        stale(seen, max_age, now),
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

/// When an event was told last.
fn last(told: &[LastTold], event: Event) -> Option<&LastTold> {
    let name = event.to_string();
    told.iter()
        .find(|told| told.event == name && told.about.is_empty())
}

/// The day on which an event was told last, where its end was not told since.
fn unfinished(told: &[LastTold], event: Event) -> Option<NaiveDate> {
    let day = last(told, event)?.day;
    let (name, recovered) = (event.to_string(), Event::Recovered.to_string());
    let ended = told
        .iter()
        .find(|told| told.event == recovered && told.about == name);
    ended.is_none_or(|ended| ended.day < day).then_some(day)
}

/// Whether what an event tells is over for good: a run that is still open leaves failures as they are.
fn is_over(event: Event, seen: &Seen, problems: &[Problem]) -> bool {
    match event {
        Event::RunFailed | Event::Implausible => {
            let newest = seen.runs.first();
            seen.all_done && newest.is_some_and(|run| run.open == 0 && run.failed == 0)
        }
        Event::SignInRefused => seen.refused.is_none(),
        Event::ErpAway => seen.erp.open == 0,
        Event::Stale => {
            let mut told = problems.iter().map(|problem| problem.facts.event());
            seen.last_complete.is_some() && !told.any(|event| event == Event::Stale)
        }
        Event::Recovered | Event::Test => false,
    }
}

#[cfg(test)]
mod tests;
