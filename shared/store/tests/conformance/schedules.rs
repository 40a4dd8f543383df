//! Schedules, and what becomes of their times.

use chrono::TimeDelta;
use domain::ledger::Action;
use domain::schedule::{
    MissedTimes, NewSchedule, Planning, ScheduleRecord, TimeOutcome, TimeRecord,
};

use crate::support::*;

const RECORDED: &str =
    "SELECT by || ' ' || what || ' ' || about || ' ' || COALESCE(why, '-') AS value
                        FROM sync_actions ORDER BY at";

const RUNS: &str = "SELECT id AS value FROM sync_runs ORDER BY id";

/// What became of the times of `nightly`, the newest first.
async fn times(db: &Db, most: u32) -> Vec<TimeRecord> {
    let times = db.store.times_of(&schedule("nightly"), most).await;
    times.unwrap()
}

pub async fn a_name_is_taken_once(db: &Db) {
    assert_eq!(db.store.schedules().await.unwrap(), []);
    let before = db.store.clock().await.unwrap();
    let record = with_nightly(db).await;
    let new = nightly();
    assert!(record.created_at >= before, "by the same clock");
    let expected = ScheduleRecord {
        name: new.name,
        cron: new.cron,
        tz: new.tz,
        arguments: new.arguments,
        overlap: false,
        created_at: record.created_at,
        by: "ana@office".to_owned(),
        paused: None,
        decided_until: record.created_at,
    };
    assert_eq!(record, expected);

    let hourly = NewSchedule {
        name: schedule("hourly"),
        arguments: Vec::new(),
        overlap: true,
        by: "rui@home".to_owned(),
        ..nightly()
    };
    assert!(db.store.add_schedule(&hourly).await.unwrap());
    let taken = NewSchedule {
        name: schedule("nightly"),
        ..hourly
    };
    assert!(!db.store.add_schedule(&taken).await.unwrap());
    let listed = db.store.schedules().await.unwrap();
    let [first, second] = &listed[..] else {
        panic!("{listed:?}");
    };
    assert!(first.name == schedule("hourly") && first.overlap && first.arguments.is_empty());
    assert_eq!(second, &record);
    let added = [
        "ana@office schedule_add nightly -",
        "rui@home schedule_add hourly -",
    ];
    assert_eq!(db.texts(RECORDED).await, added);
}

pub async fn a_pause_is_told_until_it_is_lifted(db: &Db) {
    let (store, name) = (&db.store, schedule("nightly"));
    assert!(
        !store
            .pause_schedule(&name, "ana@office", None)
            .await
            .unwrap()
    );
    assert!(!store.resume_schedule(&name, "ana@office").await.unwrap());
    assert_eq!(db.texts(RECORDED).await, [""; 0]);

    let record = with_nightly(db).await;
    let pause = async |by: &str, why: Option<&str>| {
        assert!(store.pause_schedule(&name, by, why).await.unwrap());
        let paused = listed_schedule(db, "nightly").await.paused.unwrap();
        assert!(paused.at >= record.created_at, "{paused:?}");
        (paused.by, paused.why)
    };
    let why = "the ERP's maintenance";
    let told = ("ana@office".to_owned(), Some(why.to_owned()));
    assert_eq!(pause("ana@office", Some(why)).await, told);
    assert_eq!(pause("rui@home", None).await, ("rui@home".to_owned(), None));
    assert!(store.resume_schedule(&name, "eva@train").await.unwrap());
    assert_eq!(listed_schedule(db, "nightly").await, record);
    let recorded = [
        "ana@office schedule_add nightly -",
        "ana@office schedule_pause nightly the ERP's maintenance",
        "rui@home schedule_pause nightly -",
        "eva@train schedule_resume nightly -",
    ];
    assert_eq!(db.texts(RECORDED).await, recorded);
}

pub async fn times_are_decided_once_however_many_ask(db: &Db) {
    let after = with_nightly(db).await.decided_until;
    let until = after + TimeDelta::hours(1);
    let mut callers = Vec::new();
    for n in 0..8 {
        let store = db.another_process().await;
        callers.push(tokio::spawn(async move {
            let run = scheduled(&format!("run-{n}"), until);
            let missed = skipped(after + TimeDelta::minutes(30), "missed");
            let times = [missed, running(until, &run)];
            let name = &run.schedule;
            let decided = store.decide(name, after, until, &times, Some(&run), until);
            decided.await.unwrap().then_some(run)
        }));
    }
    let decided = futures::future::try_join_all(callers).await.unwrap();
    let decided: Vec<_> = decided.into_iter().flatten().collect();
    let [run] = &decided[..] else {
        panic!("{decided:?} were begun");
    };
    assert_eq!(db.texts(RUNS).await, [run.id.to_string()]);
    let expected = [
        running(until, run),
        skipped(after + TimeDelta::minutes(30), "missed"),
    ];
    let expected = expected.map(|time| TimeRecord {
        at: time.at,
        outcome: time.outcome,
        decided_at: until,
    });
    assert_eq!(times(db, 9).await, expected);
    let name = &run.schedule;
    assert_eq!(listed_schedule(db, "nightly").await.decided_until, until);

    // With the run or not at all.
    let late = scheduled("late", until);
    let at = [running(after + TimeDelta::minutes(1), &late)];
    let decided = db.store.decide(name, after, until, &at, Some(&late), until);
    assert!(!decided.await.unwrap());
    let twice = [running(until + TimeDelta::hours(1), run)];
    let later = until + TimeDelta::hours(1);
    let refused = db
        .store
        .decide(name, until, later, &twice, Some(run), later);
    refused.await.unwrap_err();
    assert_eq!(times(db, 9).await, expected);
    assert_eq!(listed_schedule(db, "nightly").await.decided_until, until);
}

pub async fn a_time_is_kept_as_it_can_be_asked_for_again(db: &Db) {
    let after = with_nightly(db).await.decided_until;
    let name = schedule("nightly");
    let hour = TimeDelta::hours(1);
    let uncut = after + hour + TimeDelta::nanoseconds(789);
    let skip = [skipped(uncut, "paused")];
    let decided = db.store.decide(&name, after, uncut, &skip, None, uncut);
    assert!(decided.await.unwrap());
    let kept = listed_schedule(db, "nightly").await.decided_until;
    assert_eq!(kept, after + hour);
    assert_eq!(times(db, 9).await[0].at, kept);
    let decided = db
        .store
        .decide(&name, uncut, uncut + hour, &[], None, uncut);
    assert!(decided.await.unwrap());
    let decided = db
        .store
        .decide(&name, kept + hour, kept + hour * 2, &[], None, kept);
    assert!(decided.await.unwrap());
}

pub async fn a_removed_schedule_decides_nothing(db: &Db) {
    let after = with_nightly(db).await.decided_until;
    let until = after + TimeDelta::hours(1);
    let (store, name) = (&db.store, schedule("nightly"));
    let first = scheduled("a", until);
    let times = [running(until, &first)];
    let decided = store.decide(&name, after, until, &times, Some(&first), until);
    assert!(decided.await.unwrap());

    assert!(store.remove_schedule(&name, "rui@home").await.unwrap());
    assert!(!store.remove_schedule(&name, "rui@home").await.unwrap());
    assert_eq!(store.schedules().await.unwrap(), []);
    assert_eq!(store.times_of(&name, 9).await.unwrap(), []);
    let recorded = [
        "ana@office schedule_add nightly -",
        "rui@home schedule_remove nightly -",
    ];
    assert_eq!(db.texts(RECORDED).await, recorded);

    let second = scheduled("b", until);
    let later = until + TimeDelta::hours(1);
    let times = [running(later, &second)];
    let decided = store.decide(&name, until, later, &times, Some(&second), later);
    assert!(!decided.await.unwrap());
    assert!(!store.begin_now(&second, later).await.unwrap());
    assert_eq!(db.texts(RUNS).await, ["a"]);
    let left = store.run(Some(&first.id)).await.unwrap().unwrap();
    assert_eq!(left.schedule, Some(name));
    assert_eq!(left.planning, Some(Planning::Open { problem: None }));

    // One of the same name begins anew.
    assert!(with_nightly(db).await.decided_until > after);
}

pub async fn a_run_begun_beside_the_times_has_one_of_its_own(db: &Db) {
    let after = with_nightly(db).await.decided_until;
    let name = schedule("nightly");
    let now = after + TimeDelta::hours(1);
    let first = begun(db, "a", now).await;
    let second = scheduled("b", now);
    assert!(!db.store.begin_now(&second, now).await.unwrap());
    assert_eq!(db.texts(RUNS).await, ["a"]);
    let actions = db.store.actions(&first.id).await.unwrap();
    let [action] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert_eq!(
        (action.what, &*action.by),
        (Action::ScheduleRunNow, "schedule nightly")
    );
    let until = listed_schedule(db, "nightly").await.decided_until;
    assert_eq!(until, after, "it decides no time");

    // A time of the schedule that it has taken is not doubled.
    let times_left = [running(now, &second)];
    let decided = db
        .store
        .decide(&name, after, now, &times_left, Some(&second), now);
    assert!(decided.await.unwrap());
    assert_eq!(db.texts(RUNS).await, ["a"]);
    let told = times(db, 9).await;
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].outcome, TimeOutcome::Run(first.id));
}

pub async fn many_times_are_told_the_newest_first(db: &Db) {
    let after = with_nightly(db).await.decided_until;
    let name = schedule("nightly");
    let begin = at("02:00:00");
    let mut many: Vec<_> = (0..5_000)
        .map(|n| skipped(begin + TimeDelta::seconds(n), "it's \"pausado\" à noite"))
        .collect();
    let last = at("03:23:19.000001");
    many.push(skipped(last, "last"));
    let decided = db.store.decide(&name, after, after, &many, None, begin);
    assert!(decided.await.unwrap());
    let told = times(db, 3).await;
    let expected = [&many[5_000], &many[4_999], &many[4_998]].map(|time| TimeRecord {
        at: time.at,
        outcome: time.outcome.clone(),
        decided_at: begin,
    });
    assert_eq!(told, expected);
    assert_eq!(times(db, 9_999).await.len(), many.len());
}

pub async fn missed_times_are_counted_until_a_run_has_begun(db: &Db) {
    let (store, name) = (&db.store, schedule("nightly"));
    let missed = async || store.missed_times().await.unwrap();
    let added = with_nightly(db).await.decided_until;
    let hour = |hours| added + TimeDelta::hours(hours);
    assert_eq!(missed().await, []);

    let (long_ago, later) = ("missed: long ago", "missed: a later time was due");
    let times = [skipped(hour(1), later), skipped(hour(2), long_ago)];
    let decided = store.decide(&name, added, hour(2), &times, None, hour(20));
    assert!(decided.await.unwrap());
    let mut expected = MissedTimes {
        schedule: name.clone(),
        times: 2,
        last: hour(2),
        decided_at: hour(20),
        why: long_ago.to_owned(),
        paused: false,
    };
    assert_eq!(missed().await, std::slice::from_ref(&expected));

    // Others that were skipped are no misses, and the newest time says why no run has begun.
    let overlap = [skipped(hour(21), "overlap: run x was still open")];
    let decided = store.decide(&name, hour(2), hour(21), &overlap, None, hour(21));
    assert!(decided.await.unwrap());
    let paused = store.pause_schedule(&name, "ana@office", None).await;
    assert!(paused.unwrap());
    expected.why = "overlap: run x was still open".to_owned();
    expected.paused = true;
    assert_eq!(missed().await, [expected]);

    // What a later time of the same look has caught up is none.
    let run = scheduled("a", hour(24));
    let times = [skipped(hour(22), later), running(hour(24), &run)];
    let decided = store.decide(&name, hour(21), hour(24), &times, Some(&run), hour(24));
    assert!(decided.await.unwrap());
    assert_eq!(missed().await, []);
    let again = [skipped(hour(25), long_ago)];
    let decided = store.decide(&name, hour(24), hour(25), &again, None, hour(40));
    assert!(decided.await.unwrap());
    let since = missed().await;
    let since: Vec<_> = since.iter().map(|one| (one.times, one.last)).collect();
    assert_eq!(since, [(1, hour(25))]);
    let now = scheduled("b", hour(41));
    assert!(store.begin_now(&now, hour(41)).await.unwrap());
    assert_eq!(missed().await, []);
}
