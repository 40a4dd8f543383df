//! Schedules, and what became of their times.

use std::fmt::Write as _;

use chrono::{DateTime, FixedOffset, Timelike as _};
use domain::schedule::TimeOutcome;

use crate::program::Program;
use crate::report::{ListedSchedule, ListedTime, ScheduleState};
use crate::text::{list, local, printable};

/// The whole list; ends with a line end.
pub(crate) fn schedules(listed: &[ListedSchedule], program: Program) -> String {
    if listed.is_empty() {
        return "there is no schedule\n".to_owned();
    }
    listed.iter().map(|one| schedule(one, program)).collect()
}

/// One of them; ends with a line end.
pub(crate) fn schedule(listed: &ListedSchedule, program: Program) -> String {
    let schedule = &listed.schedule;
    let state: &str = listed.state.into();
    let overlap = match schedule.overlap {
        true => ", beside open runs too",
        false => "",
    };
    let mut text = format!(
        "{}  {}  {}{overlap}: {state}\n",
        schedule.name,
        printable(&schedule.cron),
        schedule.tz
    );
    let arguments: Vec<_> = schedule.arguments.iter().map(|one| quoted(one)).collect();
    _ = writeln!(text, "    backfill {}", arguments.join(" "));
    if let Some(paused) = &schedule.paused {
        let why = paused.why.as_deref().map(printable).unwrap_or_default();
        let why = if why.is_empty() {
            why
        } else {
            format!(": {why}")
        };
        let by = printable(&paused.by);
        _ = writeln!(text, "    paused {} by {by}{why}", local(paused.at));
    }
    if listed.state == ScheduleState::Late {
        let who = match program {
            Program::Producer => "web or producer schedule run",
            Program::MegaSync => "mega-sync serve",
        };
        _ = writeln!(text, "    nobody begins its runs: start {who}");
    }
    _ = writeln!(text, "    next {}", list(listed.next.iter().map(clock)));
    text
}

/// What became of times, a line each.
pub(crate) fn times(times: &[ListedTime]) -> String {
    let mut text = String::new();
    for time in times {
        let what = match &time.outcome {
            TimeOutcome::Run(run) => format!("run {run}"),
            TimeOutcome::Skipped { why } => format!("skipped, {}", printable(why)),
        };
        _ = writeln!(text, "{}  {what}", clock(&time.at));
    }
    text
}

/// A time as the clock shows it, with seconds where there are any.
fn clock(at: &DateTime<FixedOffset>) -> String {
    let format = match at.second() {
        0 => "%Y-%m-%d %H:%M",
        _ => "%Y-%m-%d %H:%M:%S",
    };
    at.format(format).to_string()
}

/// An argument as it can be typed again.
fn quoted(argument: &str) -> String {
    match argument.chars().any(char::is_whitespace) {
        true => format!("'{}'", printable(argument)),
        false => printable(argument),
    }
}

#[cfg(test)]
mod tests {
    use domain::schedule::{SchedulePause, ScheduleRecord};

    use super::*;
    use crate::fixtures::at;

    #[test]
    fn a_schedule_says_when_and_what_and_whether_anybody_follows_it() {
        let nightly = ScheduleRecord {
            name: "nightly".parse().unwrap(),
            cron: "0 2 * * *".to_owned(),
            tz: "America/Sao_Paulo".to_owned(),
            arguments: ["--last-months", "2"].map(str::to_owned).to_vec(),
            overlap: false,
            created_at: at("04:00:00"),
            by: "ana@office".to_owned(),
            paused: None,
            decided_until: at("05:00:00"),
        };
        let now = at("12:00:00");
        let listed = ListedSchedule::of(nightly.clone(), now).unwrap();
        let text = schedule(&listed, Program::MegaSync);
        assert_eq!(
            text,
            "nightly  0 2 * * *  America/Sao_Paulo: active\n    \
             backfill --last-months 2\n    \
             next 2026-11-24 02:00, 2026-11-25 02:00, 2026-11-26 02:00, 2026-11-27 02:00, \
             2026-11-28 02:00\n"
        );

        let unseen = ScheduleRecord {
            decided_until: at("04:59:59"),
            ..nightly.clone()
        };
        let listed = ListedSchedule::of(unseen, now).unwrap();
        assert_eq!(listed.state, ScheduleState::Late);
        let text = schedule(&listed, Program::MegaSync);
        assert!(text.contains("start mega-sync serve"), "{text}");

        let paused = ScheduleRecord {
            paused: Some(SchedulePause {
                at: at("10:00:00"),
                by: "ana@office".to_owned(),
                why: Some("holidays".to_owned()),
            }),
            ..nightly
        };
        let listed = ListedSchedule::of(paused, now).unwrap();
        let text = schedule(&listed, Program::Producer);
        let expected = "paused 2026-11-23 07:00 by ana@office: holidays";
        assert!(text.contains(expected), "{text}");
    }
}
