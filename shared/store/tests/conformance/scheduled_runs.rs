//! Runs that schedules begin, until they are planned.

use std::time::Duration;

use chrono::TimeDelta;
use domain::job::Payables;
use domain::ledger::{Action, Cancelled, JobState};
use domain::schedule::Planning;
use store::RunFilter;

use crate::support::*;

const LEASE: Duration = Duration::from_secs(60);

async fn planning(db: &Db, run: &str) -> Option<Planning> {
    let run = db.store.run(Some(&run_id(run))).await.unwrap().unwrap();
    run.planning
}

async fn open_run(db: &Db) -> Option<String> {
    let open = db.store.open_run_of(&schedule("nightly")).await.unwrap();
    open.map(|run| run.to_string())
}

pub async fn one_plans_a_run_until_its_lease_ends(db: &Db) {
    let now = at("05:00:00");
    assert_eq!(db.store.take_planning(now, LEASE).await.unwrap(), None);
    with_nightly(db).await;
    let first = begun(db, "a", at("02:00:00")).await;
    let mut callers = Vec::new();
    for _ in 0..8 {
        let store = db.another_process().await;
        callers.push(tokio::spawn(async move {
            store.take_planning(now, LEASE).await.unwrap()
        }));
    }
    let taken = futures::future::try_join_all(callers).await.unwrap();
    let taken: Vec<_> = taken.into_iter().flatten().collect();
    assert_eq!(taken, std::slice::from_ref(&first));

    // It waits for the lease, whatever became of the try.
    db.store
        .planning_failed(&first.id, "the ERP is away")
        .await
        .unwrap();
    let problem = Some("the ERP is away".to_owned());
    assert_eq!(planning(db, "a").await, Some(Planning::Open { problem }));
    let take = async |at| {
        let taken = db.store.take_planning(at, LEASE).await.unwrap();
        taken.map(|run| run.id.to_string())
    };
    let end = now + LEASE;
    assert_eq!(take(end - TimeDelta::microseconds(1)).await, None);
    // Another is planned meanwhile; of two that wait the oldest is first.
    begun(db, "b", at("03:00:00")).await;
    assert_eq!(take(now).await.as_deref(), Some("b"));
    assert_eq!(take(end).await.as_deref(), Some("a"));
    let later = end + LEASE * 9;
    for expected in [Some("a"), Some("b"), None] {
        assert_eq!(take(later).await.as_deref(), expected);
    }
}

pub async fn a_plan_is_recorded_over_its_run_once(db: &Db) {
    with_nightly(db).await;
    assert_eq!(open_run(db).await, None);
    let scheduled = begun(db, "a", at("02:00:00")).await;
    let newest = db.store.run(None).await.unwrap().unwrap();
    assert_eq!(newest.id, scheduled.id);
    assert_eq!(newest.schedule, Some(scheduled.schedule.clone()));
    assert_eq!(newest.planning, Some(Planning::Open { problem: None }));
    assert_eq!(newest.payables, scheduled.payables);
    assert_eq!(db.store.jobs(&newest.id).await.unwrap(), []);
    assert_eq!(open_run(db).await.as_deref(), Some("a"));

    db.store.planning_failed(&newest.id, "away").await.unwrap();
    let mut plan = new_run("a", scheduled.params);
    db.store.record_run(&plan).await.unwrap();
    let planned = db.store.run(None).await.unwrap().unwrap();
    assert_eq!(planned.planning, None);
    assert_eq!(planned.schedule, newest.schedule);
    assert_eq!(planned.created_at, at("02:00:00"));
    assert_eq!(planned.by.as_deref(), Some("schedule nightly"));
    assert_eq!(planned.payables, Payables::default(), "as it was planned");
    assert!(!planned.replace_newer, "as it was planned");
    let jobs = db.store.jobs(&planned.id).await.unwrap();
    assert_eq!(jobs.len(), plan.jobs.len());
    assert_eq!(open_run(db).await.as_deref(), Some("a"));
    let later = at("23:00:00");
    assert_eq!(db.store.take_planning(later, LEASE).await.unwrap(), None);

    // Whoever comes later changes nothing.
    plan.empreendimentos[0].nome = "Renamed".to_owned();
    plan.jobs.truncate(1);
    db.store.record_run(&plan).await.unwrap();
    db.store.planning_failed(&planned.id, "late").await.unwrap();
    db.store.refuse_planning(&planned.id, "late").await.unwrap();
    assert_eq!(db.store.run(None).await.unwrap().unwrap(), planned);
    assert_eq!(db.store.jobs(&planned.id).await.unwrap(), jobs);
    let renamed = "SELECT COUNT(*) AS value FROM empreendimentos WHERE nome = 'Renamed'";
    assert_eq!(db.text(renamed).await, "0");

    db.execute("UPDATE sync_jobs SET state = 'failed'").await;
    assert_eq!(open_run(db).await, None);
}

pub async fn a_refused_run_stays_refused(db: &Db) {
    with_nightly(db).await;
    let run = begun(db, "a", at("02:00:00")).await;
    db.store
        .take_planning(at("02:00:01"), LEASE)
        .await
        .unwrap()
        .unwrap();
    let why = "no such empreendimento";
    db.store.refuse_planning(&run.id, why).await.unwrap();
    let refused = Some(Planning::Refused {
        why: why.to_owned(),
    });
    assert_eq!(planning(db, "a").await, refused);

    // Another has had its plan all the time.
    let plan = new_run("a", run.params);
    db.store.record_run(&plan).await.unwrap();
    db.store.planning_failed(&run.id, "late").await.unwrap();
    db.store.refuse_planning(&run.id, "late").await.unwrap();
    assert_eq!(planning(db, "a").await, refused);
    assert_eq!(db.store.jobs(&run.id).await.unwrap(), []);
    assert_eq!(db.text("SELECT COUNT(*) AS value FROM filiais").await, "0");
    let later = at("23:00:00");
    assert_eq!(db.store.take_planning(later, LEASE).await.unwrap(), None);
    assert_eq!(open_run(db).await, None);
}

pub async fn runs_without_jobs_are_picked_by_their_planning(db: &Db) {
    with_nightly(db).await;
    for (name, time) in [
        ("to-be-planned", "02:00:00"),
        ("refused", "03:00:00"),
        ("done", "04:00:00"),
        ("queued", "05:00:00"),
    ] {
        begun(db, name, at(time)).await;
    }
    let refused = run_id("refused");
    db.store.refuse_planning(&refused, "no").await.unwrap();
    for name in ["done", "queued"] {
        let plan = new_run(name, first_quarter());
        db.store.record_run(&plan).await.unwrap();
    }
    db.execute("UPDATE sync_jobs SET state = 'done' WHERE run_id = 'done'")
        .await;
    for (filter, expected) in [
        (RunFilter::All, "queued done refused to-be-planned"),
        (RunFilter::Open, "queued to-be-planned"),
        (RunFilter::Failed, "refused"),
        (RunFilter::Complete, "done"),
    ] {
        let runs = db.store.recent_runs(filter, None, 9).await.unwrap();
        let names: Vec<_> = runs.iter().map(|outcome| outcome.run.id.as_str()).collect();
        assert_eq!(names.join(" "), expected);
        for outcome in &runs {
            let id = outcome.run.id.as_str();
            let open = ["queued", "to-be-planned"].contains(&id);
            assert_eq!(
                (outcome.is_open(), outcome.has_failed()),
                (open, id == "refused")
            );
        }
    }
}

pub async fn a_cancelled_plan_is_never_recorded(db: &Db) {
    with_nightly(db).await;
    let run = begun(db, "a", at("02:00:00")).await;
    let taken = db.store.take_planning(at("02:00:01"), LEASE).await;
    assert!(taken.unwrap().is_some());
    let why = "the wrong window";
    let cancel = async |codes: &[i64]| {
        let codes: Vec<_> = codes.iter().copied().map(empreendimento).collect();
        let cancelled = db.store.cancel(&run.id, &codes, "ana@office", why);
        cancelled.await.unwrap()
    };
    // It has no such job.
    assert_eq!(cancel(&[1]).await, Cancelled::default());
    assert!(matches!(
        planning(db, "a").await,
        Some(Planning::Open { .. })
    ));
    let plan = Cancelled {
        plan: true,
        ..Cancelled::default()
    };
    assert_eq!(cancel(&[]).await, plan);
    let refused = planning(db, "a").await.unwrap();
    assert!(refused.is_cancelled());
    let reason = "cancelled by ana@office: the wrong window".to_owned();
    assert_eq!(refused, Planning::Refused { why: reason });

    // Another has had its plan all the time.
    let late = new_run("a", run.params);
    db.store.record_run(&late).await.unwrap();
    db.store.planning_failed(&run.id, "late").await.unwrap();
    db.store.refuse_planning(&run.id, "late").await.unwrap();
    assert_eq!(planning(db, "a").await, Some(refused));
    assert_eq!(db.store.jobs(&run.id).await.unwrap(), []);
    assert_eq!(open_run(db).await, None);
    let later = at("23:00:00");
    assert_eq!(db.store.take_planning(later, LEASE).await.unwrap(), None);

    assert_eq!(cancel(&[]).await, Cancelled::default());
    let actions = db.store.actions(&run.id).await.unwrap();
    let cancels = actions.iter().filter(|one| one.what == Action::Cancel);
    let cancels: Vec<_> = cancels
        .map(|one| (&one.by[..], one.about.as_deref(), one.why.as_deref()))
        .collect();
    assert_eq!(cancels, [("ana@office", None, Some(why))]);
}

pub async fn a_plan_and_a_cancel_at_once_agree(db: &Db) {
    with_nightly(db).await;
    let other = db.another_process().await;
    for round in 0..8 {
        let name = format!("run-{round}");
        let begin = at("02:00:00") + TimeDelta::minutes(round);
        let run = begun(db, &name, begin).await;
        let plan = new_run(&name, run.params);
        let (planned, cancelled) = tokio::join!(
            db.store.record_run(&plan),
            other.cancel(&run.id, &[], "ana@office", "the wrong window"),
        );
        planned.unwrap();
        let cancelled = cancelled.unwrap();
        let jobs = db.store.jobs(&run.id).await.unwrap();
        assert!(jobs.iter().all(|job| job.state == JobState::Cancelled));
        match planning(db, &name).await {
            None => {
                assert_eq!(jobs.len(), plan.jobs.len());
                assert_eq!(
                    (cancelled.plan, cancelled.total()),
                    (false, jobs.len() as u64)
                );
            }
            Some(planning) => {
                assert!(planning.is_cancelled() && jobs.is_empty());
                assert_eq!((cancelled.plan, cancelled.total()), (true, 0));
            }
        }
    }
}
