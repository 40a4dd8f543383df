use chrono::TimeDelta;
use domain::failure::FailureClass;
use domain::ledger::{JobRecord, JobState};
use domain::schedule::{MissedTimes, Planning};
use store::ErpWait;

use super::*;
use crate::fixtures::{at, because, job, refusal, run};
use crate::notify::refused_plan::RefusedPlan;

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

#[test]
fn cancelled_jobs_leave_failures_as_they_are() {
    let told = [told(Event::RunFailed, 23, "09:00:00")];
    let now = on(24, "09:00:00");
    let mut seen = seen(24, 0);
    seen.last_complete = Some(on(24, "08:40:00"));
    seen.runs[0].cancelled = 1;
    assert_eq!(events(&seen, &told, now), [""; 0]);
    seen.runs[0].cancelled = 0;
    assert_eq!(
        events(&seen, &told, now),
        ["2026-11-23 recovered run-failed"]
    );
}

#[test]
fn what_a_pause_brings_about_is_told_after_it() {
    let mut seen = seen(23, 3);
    seen.paused = true;
    seen.erp = ErpWait {
        deferred: 7,
        since: Some(at("08:30:00")),
        open: 7,
    };
    let now = on(23, "10:41:00");
    let failed = ["2026-11-23 run-failed", "2026-11-23 implausible"];
    assert_eq!(events(&seen, &[], now), failed);
    // Nor is it over.
    let both = [
        told(Event::ErpAway, 22, "12:00:00"),
        told(Event::Stale, 22, "12:00:00"),
    ];
    assert_eq!(events(&seen, &both, now), failed);
    seen.paused = false;
    assert_eq!(
        events(&seen, &[], now),
        [
            "2026-11-23 run-failed",
            "2026-11-23 erp-away",
            "2026-11-23 implausible",
            "2026-11-23 stale"
        ]
    );
}

/// Two times of a schedule, decided at eight o'clock.
fn missed(schedule: &str, why: &str) -> MissedTimes {
    MissedTimes {
        schedule: schedule.parse().unwrap(),
        times: 2,
        last: at("05:00:00"),
        decided_at: at("08:00:00"),
        why: why.to_owned(),
        paused: false,
    }
}

#[test]
fn missed_times_are_told_once_until_a_run_has_begun() {
    let now = at("09:00:00");
    let mut seen = seen(23, 0);
    let long_ago = "missed: it was due more than 12 hours before";
    seen.missed = vec![
        missed(
            "hourly",
            "overlap: run 20261123-020000-abcdef was still open",
        ),
        missed("nightly", long_ago),
    ];
    assert_eq!(events(&seen, &[], now), ["2026-11-23 schedule-missed"]);
    let found = found(&seen, &[], MaxAge::DEFAULT, now).remove(0).1;
    let Facts::ScheduleMissed { missed: schedules } = &found else {
        panic!("{found:?}");
    };
    let names: Vec<_> = schedules.iter().map(|one| one.schedule.as_str()).collect();
    assert_eq!(names, ["hourly", "nightly"]);
    assert_eq!((schedules[1].times, &schedules[1].why[..]), (2, long_ago));

    let told = [told(Event::ScheduleMissed, 23, "08:30:00")];
    seen.last_complete = Some(on(24, "08:40:00"));
    let next = on(24, "09:00:00");
    assert_eq!(events(&seen, &told, next), [""; 0]);
    seen.missed[0].decided_at = on(24, "08:00:00");
    assert_eq!(events(&seen, &told, next), ["2026-11-24 schedule-missed"]);
    seen.missed.clear();
    assert_eq!(
        events(&seen, &told, next),
        ["2026-11-23 recovered schedule-missed"]
    );
}

#[test]
fn missed_times_wait_while_a_schedule_is_paused_or_decides_a_later_one() {
    let mut seen = seen(23, 0);
    let mut paused = missed("a", "missed: it was due more than 12 hours before");
    paused.paused = true;
    seen.missed = vec![
        paused,
        missed("b", "paused: the fleet, by ana@office: update"),
        missed("c", "missed: a later time was due as well"),
    ];
    let now = at("09:00:00");
    assert_eq!(events(&seen, &[], now), [""; 0]);
    let told = [told(Event::ScheduleMissed, 23, "08:30:00")];
    assert_eq!(events(&seen, &told, now), [""; 0], "nor is it over");
}

/// A run that `nightly` began, and where its plan stands.
fn scheduled(day: u32, planning: Option<Planning>) -> RunOutcome {
    let mut outcome = outcome(day, 0, 0);
    outcome.run.schedule = Some("nightly".parse().unwrap());
    outcome.run.planning = planning;
    outcome
}

fn refused_plan(why: &str) -> Option<Planning> {
    Some(Planning::Refused {
        why: why.to_owned(),
    })
}

#[test]
fn a_refused_plan_is_told_once_until_a_later_run_is_planned() {
    let why = "the ERP lists no empreendimento 99";
    let mut runs = vec![scheduled(23, refused_plan(why))];
    let mut seen = seen(23, 0);
    seen.refused_plan = RefusedPlan::among(&runs);
    let now = at("09:00:00");
    assert_eq!(events(&seen, &[], now), ["2026-11-23 plan-refused"]);
    let facts = Facts::PlanRefused {
        run: runs[0].run.id.clone(),
        schedule: Some("nightly".to_owned()),
        why: why.to_owned(),
    };
    assert_eq!(found(&seen, &[], MaxAge::DEFAULT, now)[0].1, facts);
    let told = [told(Event::PlanRefused, 23, "08:30:00")];
    seen.last_complete = Some(on(24, "08:40:00"));
    let next = on(24, "09:00:00");
    assert_eq!(events(&seen, &told, next), [""; 0]);

    // Neither is the plan of a run after it.
    let mut other = scheduled(24, None);
    other.run.schedule = Some("hourly".parse().unwrap());
    runs.insert(0, other);
    runs.insert(0, scheduled(24, Some(Planning::Open { problem: None })));
    let cancelled = Planning::reason_of_cancel("ana@office", "the wrong window");
    runs.insert(0, scheduled(24, refused_plan(&cancelled)));
    seen.refused_plan = RefusedPlan::among(&runs);
    assert_eq!(events(&seen, &told, next), [""; 0]);
    let by_hand = outcome(24, 0, 0);
    for later in [scheduled(24, None), by_hand] {
        runs.insert(0, later);
        seen.refused_plan = RefusedPlan::among(&runs);
        assert_eq!(
            events(&seen, &told, next),
            ["2026-11-23 recovered plan-refused"]
        );
        assert_eq!(events(&seen, &[], next), [""; 0]);
        runs.remove(0);
    }
    // The next night's plan is refused as well.
    runs.insert(0, scheduled(24, refused_plan(why)));
    seen.refused_plan = RefusedPlan::among(&runs);
    assert_eq!(events(&seen, &told, next), ["2026-11-24 plan-refused"]);
}

#[test]
fn a_cancelled_plan_is_no_event() {
    let cancelled = Planning::reason_of_cancel("ana@office", "the wrong window");
    let runs = [scheduled(23, refused_plan(&cancelled))];
    assert_eq!(RefusedPlan::among(&runs), None);
}
