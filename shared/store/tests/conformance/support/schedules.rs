//! A schedule, and the runs that it begins.

use chrono::{DateTime, Utc};
use domain::job::Payables;
use domain::schedule::{
    DecidedTime, NewSchedule, ScheduleName, ScheduleRecord, ScheduledRun, TimeOutcome,
};

use super::db::Db;
use super::records::{filial, first_quarter, run_id};

pub fn schedule(name: &str) -> ScheduleName {
    name.parse().unwrap()
}

/// The schedule `nightly`.
pub fn nightly() -> NewSchedule {
    NewSchedule {
        name: schedule("nightly"),
        cron: "0 2 * * *".to_owned(),
        tz: "America/Sao_Paulo".to_owned(),
        arguments: ["--last-months", "2"].map(str::to_owned).into(),
        overlap: false,
        by: "ana@office".to_owned(),
    }
}

/// A schedule as it is listed.
pub async fn listed_schedule(db: &Db, name: &str) -> ScheduleRecord {
    let listed = db.store.schedules().await.unwrap();
    let mut listed = listed.into_iter();
    listed.find(|one| one.name.as_str() == name).unwrap()
}

/// Adds `nightly`.
pub async fn with_nightly(db: &Db) -> ScheduleRecord {
    assert!(db.store.add_schedule(&nightly()).await.unwrap());
    listed_schedule(db, "nightly").await
}

/// A moment of a day long ago.
pub fn at(time: &str) -> DateTime<Utc> {
    format!("2026-01-02T{time}Z").parse().unwrap()
}

/// A run of `nightly`.
pub fn scheduled(name: &str, created_at: DateTime<Utc>) -> ScheduledRun {
    ScheduledRun {
        id: run_id(name),
        schedule: schedule("nightly"),
        arguments: nightly().arguments,
        params: first_quarter(),
        payables: Payables {
            filiais: vec![filial(10)],
            ..Payables::default()
        },
        replace_newer: true,
        by: "schedule nightly".to_owned(),
        created_at,
    }
}

/// Begins a run of `nightly` that is to be planned.
pub async fn begun(db: &Db, name: &str, created_at: DateTime<Utc>) -> ScheduledRun {
    let run = scheduled(name, created_at);
    assert!(db.store.begin_now(&run, created_at).await.unwrap());
    run
}

/// A time that begins a run.
pub fn running(at: DateTime<Utc>, run: &ScheduledRun) -> DecidedTime {
    DecidedTime {
        at,
        outcome: TimeOutcome::Run(run.id.clone()),
    }
}

/// A time that begins none.
pub fn skipped(at: DateTime<Utc>, why: &str) -> DecidedTime {
    DecidedTime {
        at,
        outcome: TimeOutcome::Skipped {
            why: why.to_owned(),
        },
    }
}
