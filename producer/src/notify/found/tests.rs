use domain::ledger::{JobState, RunOutcome};
use store::ErpWait;

use super::*;
use crate::fixtures::{at, because, job, refusal, run};

/// A run that was recorded and ended on a day of November 2026.
fn outcome(day: u32, open: u64, failed: u64) -> RunOutcome {
    let mut run = run();
    run.id = format!("202611{day:02}-052000-abcdef").parse().unwrap();
    run.created_at = on(day, "08:20:00");
    RunOutcome {
        run,
        total: 10,
        open,
        failed,
        cancelled: 0,
        finished_at: (open == 0).then(|| on(day, "08:40:00")),
    }
}

fn on(day: u32, time: &str) -> DateTime<Utc> {
    format!("2026-11-{day:02}T{time}Z").parse().unwrap()
}

fn failed_jobs() -> Vec<JobRecord> {
    let failed = |code| job(code, JobState::Failed);
    vec![
        because(failed(1), FailureClass::Data, "shape of it"),
        because(failed(2), FailureClass::Data, "shape of it"),
        because(failed(3), FailureClass::Implausible, "plausible-target x"),
    ]
}

/// A ledger whose newest run has ended on a day.
fn seen(day: u32, failed: u64) -> Seen {
    let newest = outcome(day, 0, failed);
    let failures = match failed {
        0 => Vec::new(),
        _ => vec![(newest.clone(), failed_jobs())],
    };
    Seen {
        failures,
        all_done: failed == 0,
        last_complete: Some(on(22, "08:40:00")),
        runs: vec![newest],
        ..Seen::default()
    }
}

fn told(event: Event, day: u32, time: &str) -> LastTold {
    LastTold {
        event: event.to_string(),
        about: String::new(),
        day: day_of(on(day, time)),
        at: on(day, time),
    }
}

fn recovered(event: Event, day: u32) -> LastTold {
    LastTold {
        event: Event::Recovered.to_string(),
        about: event.to_string(),
        ..told(event, day, "12:00:00")
    }
}

/// What is found, in words.
fn events(seen: &Seen, told: &[LastTold], now: DateTime<Utc>) -> Vec<String> {
    let found = found(seen, told, MaxAge::DEFAULT, now);
    found
        .iter()
        .map(|(day, facts)| match facts.about() {
            Some(about) => format!("{day} {} {about}", facts.event()),
            None => format!("{day} {}", facts.event()),
        })
        .collect()
}

#[test]
fn nothing_is_told_of_a_ledger_in_order_or_empty() {
    let now = at("09:00:00");
    assert_eq!(events(&seen(23, 0), &[], now), [""; 0]);
    assert_eq!(events(&Seen::default(), &[], now), [""; 0]);
}

#[test]
fn a_run_with_failures_is_told_once_with_its_causes() {
    let now = at("09:00:00");
    let both = ["2026-11-23 run-failed", "2026-11-23 implausible"];
    let seen = seen(23, 3);
    assert_eq!(events(&seen, &[], now), both);
    let found = found(&seen, &[], MaxAge::DEFAULT, now);
    let causes = |facts: &Facts| {
        let causes = facts.causes().iter();
        causes
            .map(|cause| format!("{} {} {}", cause.jobs, cause.cause, cause.example))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        causes(&found[0].1),
        [
            "2 data/shape Residencial 1",
            "1 implausible/plausible-target Residencial 3"
        ]
    );
    assert_eq!(
        causes(&found[1].1),
        ["1 implausible/plausible-target Residencial 3"]
    );

    let told = [
        told(Event::RunFailed, 23, "09:00:00"),
        told(Event::Implausible, 23, "09:00:00"),
    ];
    assert_eq!(events(&seen, &told, at("09:01:00")), [""; 0]);
    assert_eq!(
        events(&seen, &told, on(25, "09:00:00")),
        ["2026-11-25 stale"]
    );
    // The next night's run fails as well.
    let next = self::seen(24, 3);
    let now = on(24, "09:00:00");
    let failed = events(&next, &told, now);
    assert_eq!(failed[0], "2026-11-24 run-failed");
}

#[test]
fn a_day_begins_at_midnight_in_sao_paulo() {
    let told = [told(Event::RunFailed, 24, "01:00:00")];
    // Still the 23rd there.
    let mut seen = seen(24, 1);
    seen.last_complete = Some(on(24, "01:00:00"));
    seen.failures[0].1.truncate(1);
    seen.failures[0].0.finished_at = Some(on(24, "02:30:00"));
    assert_eq!(events(&seen, &told, on(24, "02:59:00")), [""; 0]);
    assert_eq!(
        events(&seen, &told, on(24, "03:00:00")),
        ["2026-11-24 run-failed"]
    );
}

#[test]
fn a_run_that_is_open_tells_implausible_answers_and_leaves_the_one_before() {
    let mut seen = seen(23, 3);
    let open = outcome(24, 4, 3);
    seen.runs.insert(0, open.clone());
    seen.failures.insert(0, (open, failed_jobs()));
    let found = found(&seen, &[], MaxAge::DEFAULT, at("09:00:00"));
    let runs: Vec<_> = found
        .iter()
        .map(|(_, facts)| (facts.event(), facts.run().unwrap().as_str()))
        .collect();
    assert_eq!(
        runs,
        [
            (Event::RunFailed, "20261123-052000-abcdef"),
            (Event::Implausible, "20261124-052000-abcdef")
        ]
    );
}

#[test]
fn what_goes_on_is_told_again_after_a_day() {
    let mut seen = seen(23, 0);
    seen.refused = Some(refusal());
    let now = at("09:00:00");
    assert_eq!(events(&seen, &[], now), ["2026-11-23 sign-in-refused"]);
    let told = [told(Event::SignInRefused, 23, "09:00:00")];
    seen.last_complete = Some(on(24, "08:40:00"));
    assert_eq!(events(&seen, &told, on(24, "08:59:00")), [""; 0]);
    assert_eq!(
        events(&seen, &told, on(24, "09:00:00")),
        ["2026-11-24 sign-in-refused"]
    );
    // Another refusal is told the next day, however early.
    seen.refused.as_mut().unwrap().at = on(24, "04:00:00");
    assert_eq!(
        events(&seen, &told, on(24, "04:00:01")),
        ["2026-11-24 sign-in-refused"]
    );
}

#[test]
fn the_erp_is_away_for_long_after_half_an_hour() {
    let mut seen = seen(23, 0);
    seen.erp = ErpWait {
        deferred: 7,
        since: Some(at("08:30:00")),
        open: 7,
    };
    assert_eq!(events(&seen, &[], at("08:59:59")), [""; 0]);
    assert_eq!(events(&seen, &[], at("09:00:00")), ["2026-11-23 erp-away"]);
    // Its jobs run again, and are over a while later.
    let told = [told(Event::ErpAway, 23, "09:00:00")];
    seen.erp = ErpWait {
        open: 7,
        ..ErpWait::default()
    };
    assert_eq!(events(&seen, &told, at("09:30:00")), [""; 0]);
    seen.erp = ErpWait::default();
    assert_eq!(
        events(&seen, &told, at("09:40:00")),
        ["2026-11-23 recovered erp-away"]
    );
}

#[test]
fn stale_is_counted_from_the_last_complete_run_or_from_the_first() {
    let mut seen = seen(23, 0);
    let limit = on(23, "10:40:00");
    assert_eq!(events(&seen, &[], limit), [""; 0]);
    let later = limit + TimeDelta::seconds(1);
    assert_eq!(events(&seen, &[], later), ["2026-11-23 stale"]);
    seen.last_complete = None;
    seen.runs = vec![outcome(23, 2, 0), outcome(22, 2, 0)];
    assert_eq!(events(&seen, &[], on(23, "10:20:00")), [""; 0]);
    assert_eq!(events(&seen, &[], on(23, "10:20:01")), ["2026-11-23 stale"]);
}

#[test]
fn each_event_told_is_recovered_once() {
    let now = on(24, "09:00:00");
    let mut seen = seen(24, 0);
    seen.last_complete = Some(on(24, "08:40:00"));
    let all = [
        Event::RunFailed,
        Event::SignInRefused,
        Event::ErpAway,
        Event::Implausible,
        Event::Stale,
    ];
    let mut told: Vec<_> = all.map(|event| told(event, 23, "12:00:00")).into();
    // The day is that of the notification, so that it has one end.
    assert_eq!(
        events(&seen, &told, now),
        all.map(|event| format!("2026-11-23 recovered {event}"))
    );
    told.extend(all.map(|event| recovered(event, 23)));
    assert_eq!(events(&seen, &told, now), [""; 0]);
    told[0] = self::told(Event::RunFailed, 24, "08:50:00");
    assert_eq!(
        events(&seen, &told, now),
        ["2026-11-24 recovered run-failed"]
    );
    // A small run that completes leaves the targets that failed.
    seen.all_done = false;
    assert_eq!(events(&seen, &told, now), [""; 0]);
}
