use chrono::{DateTime, TimeDelta, Utc};
use domain::job::RunId;
use domain::ledger::Pause;
use domain::schedule::{DecidedTime, SchedulePause, TimeOutcome};

use super::decision::{Due, Standing, decide};
use super::*;
use crate::error::CommandError;
use crate::plan::PlanError;

fn at(text: &str) -> DateTime<Utc> {
    text.parse().expect(text)
}

/// The first times after one, as UTC has them.
fn next(cron: &str, zone: &str, after: &str, count: usize) -> Vec<String> {
    let times = Times::parse(cron, zone).expect(cron);
    let following = times.following(at(after)).take(count);
    following
        .map(|at| at.format("%m-%d %H:%M:%S").to_string())
        .collect()
}

#[test]
fn times_follow_the_clock_of_their_zone() {
    let night = next("0 2 * * *", "America/Sao_Paulo", "2026-11-23T05:00:00Z", 2);
    assert_eq!(night, ["11-24 05:00:00", "11-25 05:00:00"]);
    let monthly = next("30 6 1 * *", "UTC", "2026-11-23T05:00:00Z", 2);
    assert_eq!(monthly, ["12-01 06:30:00", "01-01 06:30:00"]);
    let seconds = next("*/20 * * * * *", "UTC", "2026-11-23T05:00:00.7Z", 3);
    assert_eq!(
        seconds,
        ["11-23 05:00:20", "11-23 05:00:40", "11-23 05:01:00"]
    );
    let daily = next("@daily", "UTC", "2026-11-23T05:00:00Z", 1);
    assert_eq!(daily, ["11-24 00:00:00"]);
}

/// In New York two o'clock is left out on the 8th of March.
#[test]
fn a_time_that_the_clock_leaves_out_comes_just_after_the_gap() {
    let times = |cron: &str, count| next(cron, "America/New_York", "2026-03-08T05:59:00Z", count);
    assert_eq!(times("30 2 * * *", 2), ["03-08 07:00:00", "03-09 06:30:00"]);
    assert_eq!(
        times("0 30 2,14 * * *", 3),
        ["03-08 07:00:00", "03-08 18:30:00", "03-09 06:30:00"]
    );
    // All that it leaves out comes at once.
    assert_eq!(
        times("0,30 2,3 * * *", 3),
        ["03-08 07:00:00", "03-08 07:30:00", "03-09 06:00:00"]
    );
    assert_eq!(
        times("*/30 * * * *", 4),
        [
            "03-08 06:00:00",
            "03-08 06:30:00",
            "03-08 07:00:00",
            "03-08 07:30:00"
        ]
    );
}

/// In New York one o'clock comes twice on the 1st of November.
#[test]
fn a_time_that_the_clock_shows_twice_comes_once() {
    let times = |cron: &str, count| next(cron, "America/New_York", "2026-11-01T04:59:00Z", count);
    assert_eq!(times("30 1 * * *", 2), ["11-01 05:30:00", "11-02 06:30:00"]);
    assert_eq!(
        times("30 1,13 * * *", 3),
        ["11-01 05:30:00", "11-01 18:30:00", "11-02 06:30:00"]
    );
    assert_eq!(
        times("*/30 * * * *", 5),
        [
            "11-01 05:00:00",
            "11-01 05:30:00",
            "11-01 06:00:00",
            "11-01 06:30:00",
            "11-01 07:00:00"
        ]
    );
    // Also for one who asks in the hour that comes again.
    let again = next("30 1 * * *", "America/New_York", "2026-11-01T06:10:00Z", 1);
    assert_eq!(again, ["11-02 06:30:00"]);
}

#[test]
fn times_that_cannot_be_meant_are_refused() {
    let parse = |cron: &str, zone| Times::parse(cron, zone).map(|_| ()).unwrap_err();
    for cron in ["", "0 2 * *", "0 0 2 * * * 2027", "61 * * * *", "0 2 * * x"] {
        let error = parse(cron, "UTC");
        assert!(matches!(error, ScheduleError::Cron(..)), "{cron}: {error}");
        assert!(error.to_string().contains("--cron"), "{error}");
    }
    let never = parse("0 0 30 2 *", "UTC");
    assert_eq!(never, ScheduleError::Never("0 0 30 2 *".to_owned()));
    let zone = parse("0 2 * * *", "Brasília");
    assert!(zone.to_string().contains("--tz"), "{zone}");
}

#[test]
fn what_a_schedule_asks_for_is_checked_when_it_is_added() {
    let now = at("2026-11-23T12:00:00Z");
    let check = |arguments: &str| {
        let arguments: Vec<_> = arguments.split(' ').map(str::to_owned).collect();
        checked(&arguments, now)
    };
    check("--last-months 2 --only empreendimentos").unwrap();
    let error = check("--last-month 2").unwrap_err();
    assert!(error.to_string().contains("--last-month"), "{error}");
    for flag in ["--dry-run", "--wait", "--as-of 2026-11-01"] {
        let error = check(&format!("--last-months 2 {flag}")).unwrap_err();
        assert!(
            matches!(error, CommandError::Schedule(ScheduleError::NoPlace(_))),
            "{flag}: {error}"
        );
    }
    let error = check("--last-months 99").unwrap_err();
    assert!(
        matches!(error, CommandError::Plan(PlanError::TooManyMonths { .. })),
        "{error}"
    );
}

const NOW: &str = "2026-11-23T12:00:30Z";

fn run() -> RunId {
    "20261123-090030-abcdef".parse().unwrap()
}

fn standing() -> Standing<'static> {
    Standing {
        now: at(NOW),
        schedule: None,
        fleet: None,
        open: None,
    }
}

/// What is decided of an hourly schedule, decided up to a time; and how many times that is.
fn decided(until: &str, standing: &Standing<'_>) -> (usize, DecidedTime) {
    let times = Times::parse("0 * * * *", "UTC").unwrap();
    let due = Due::of(&times, at(until), standing.now).unwrap();
    let decided = decide(&due, standing, Ok(&run()));
    let (last, earlier) = decided.split_last().unwrap();
    for time in earlier {
        let TimeOutcome::Skipped { why } = &time.outcome else {
            panic!("{time:?}");
        };
        assert!(why.starts_with("missed: "), "{why}");
    }
    (decided.len(), last.clone())
}

fn why(time: &DecidedTime) -> &str {
    match &time.outcome {
        TimeOutcome::Skipped { why } => why,
        TimeOutcome::Run(run) => panic!("{run} begins"),
    }
}

#[test]
fn the_latest_time_alone_begins_a_run() {
    let times = Times::parse("0 * * * *", "UTC").unwrap();
    let nothing = Due::of(&times, at("2026-11-23T12:00:00Z"), at(NOW));
    assert_eq!(nothing, None);
    for (until, count) in [
        ("2026-11-23T11:00:00Z", 1),
        ("2026-11-23T09:30:00Z", 3),
        ("2026-11-20T12:00:00Z", 72),
    ] {
        let (decided, last) = decided(until, &standing());
        assert_eq!(decided, count);
        assert_eq!(last.at, at("2026-11-23T12:00:00Z"));
        assert_eq!(last.outcome, TimeOutcome::Run(run()));
    }
}

#[test]
fn what_keeps_it_from_it_is_told() {
    let until = "2026-11-23T11:00:00Z";
    let late = Standing {
        now: at("2026-11-24T00:00:01Z"),
        ..standing()
    };
    let daily = Times::parse("0 12 * * *", "UTC").unwrap();
    let due = Due::of(&daily, at(until), late.now).unwrap();
    let skipped = decide(&due, &late, Ok(&run()));
    assert!(why(&skipped[0]).starts_with("missed: "), "{skipped:?}");
    let in_time = Standing {
        now: late.now - TimeDelta::seconds(1),
        ..late
    };
    let begun = decide(&due, &in_time, Ok(&run()));
    assert_eq!(begun[0].outcome, TimeOutcome::Run(run()));

    let paused = SchedulePause {
        at: at(until),
        by: "ana@office".to_owned(),
        why: Some("holidays".to_owned()),
    };
    let fleet = Pause {
        at: at(until),
        until: None,
        by: "bia@office".to_owned(),
        why: "maintenance".to_owned(),
    };
    let open = run();
    let all = Standing {
        schedule: Some(&paused),
        fleet: Some(&fleet),
        open: Some(&open),
        ..standing()
    };
    let (_, time) = decided(until, &all);
    assert_eq!(why(&time), "paused: the schedule, by ana@office: holidays");
    let all = Standing {
        schedule: None,
        ..all
    };
    let (_, time) = decided(until, &all);
    assert_eq!(why(&time), "paused: the fleet, by bia@office: maintenance");
    let all = Standing { fleet: None, ..all };
    let (_, time) = decided(until, &all);
    assert_eq!(
        why(&time),
        "overlap: run 20261123-090030-abcdef was still open"
    );
    let due = Due::of(&daily, at(until), at(NOW)).unwrap();
    let refused = decide(&due, &standing(), Err("too many months".to_owned()));
    assert_eq!(why(&refused[0]), "refused: too many months");
}

#[test]
fn after_a_long_outage_of_a_frequent_schedule_a_part_is_decided_at_once() {
    let times = Times::parse("* * * * * *", "UTC").unwrap();
    let mut until = at("2026-11-23T11:30:00Z");
    let mut begun = 0;
    let mut count = 0;
    while let Some(due) = Due::of(&times, until, at(NOW)) {
        let decided = decide(&due, &standing(), Ok(&run()));
        assert!(decided.len() <= 1_000);
        let runs = decided
            .iter()
            .filter(|time| time.outcome == TimeOutcome::Run(run()));
        begun += runs.count();
        count += decided.len();
        until = due.latest();
    }
    assert_eq!((begun, count), (1, 1_830));
    assert_eq!(until, at(NOW));
}
