//! What is to be told, of what the ledger shows and of what was told before. No I/O.

use chrono::{DateTime, NaiveDate, Utc};
use domain::ledger::RunOutcome;
use store::LastTold;
use strum::VariantArray as _;

use super::age::MaxAge;
use super::event::{Event, Facts};
use super::problem::{Problem, problems};
use super::seen::Seen;
use crate::text::day_of;

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
    let new = problems.filter(|problem| {
        let event = problem.facts.event();
        !(seen.paused && is_of_a_pause(event)) && problem.is_due(last(told, event), now)
    });
    new.map(|problem| (day_of(now), problem.facts))
        .chain(over)
        .collect()
}

/// Whether a pause of the fleet brings it about by itself.
const fn is_of_a_pause(event: Event) -> bool {
    matches!(event, Event::ErpAway | Event::Stale)
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

/// Whether what an event tells is over for good: a run that is still open, or of which jobs were cancelled,
/// leaves failures as they are.
fn is_over(event: Event, seen: &Seen, problems: &[Problem]) -> bool {
    match event {
        Event::RunFailed | Event::Implausible => {
            let newest = seen.runs.first();
            let is_complete = |run: &RunOutcome| (run.open, run.failed, run.cancelled) == (0, 0, 0);
            seen.all_done && newest.is_some_and(is_complete)
        }
        Event::SignInRefused => seen.refused.is_none(),
        Event::ErpAway => seen.erp.open == 0,
        Event::Stale => {
            let mut told = problems.iter().map(|problem| problem.facts.event());
            seen.last_complete.is_some() && !told.any(|event| event == Event::Stale)
        }
        Event::ScheduleMissed => seen.missed.is_empty(),
        Event::PlanRefused => seen.refused_plan.as_ref().is_some_and(|plan| plan.replaced),
        Event::Recovered | Event::Test => false,
    }
}

#[cfg(test)]
mod tests;
