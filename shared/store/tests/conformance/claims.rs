//! Who may work on a target.

use std::time::Duration;

use chrono::{TimeDelta, Utc};
use domain::failure::FailureClass;
use domain::job::{JobMessage, Target};
use domain::ledger::{AttemptEnd, Claim, JobState};

use crate::support::*;

pub async fn generations_rise(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let other = JobMessage::new(run_id("a"), target(2), first_quarter());
    let first = granted(&*db.store, &job, "w").await;
    let second = granted(&*db.store, &job, "w").await;
    assert_eq!(
        (first.attempt.generation, second.attempt.generation),
        (1, 2)
    );
    assert_eq!(granted(&*db.store, &other, "w").await.attempt.generation, 1);
    assert_eq!(
        (second.errors, second.accepted.is_empty(), second.previous),
        (0, true, None)
    );
    let [_, record, ..] = &db.store.jobs(&job.run_id).await.unwrap()[..] else {
        panic!("four jobs");
    };
    assert_eq!(record.state, JobState::Running);
    assert_eq!(record.worker, Some(worker("w")));
    assert!(record.started_at.is_some() && record.finished_at.is_none());
}

pub async fn claims_at_once_are_granted_one_after_another(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let claims = (0..8).map(|n| {
        let (store, job) = (db.store.clone(), job.clone());
        tokio::spawn(async move { granted(&*store, &job, &format!("w{n}")).await })
    });
    let mut grants = futures::future::try_join_all(claims).await.unwrap();
    grants.sort_by_key(|grant| grant.attempt.generation);
    let generations: Vec<_> = grants
        .iter()
        .map(|grant| grant.attempt.generation)
        .collect();
    assert_eq!(generations, [1, 2, 3, 4, 5, 6, 7, 8]);
    let crashes: Vec<_> = grants.iter().map(|grant| grant.crashes).collect();
    assert_eq!(crashes, [0, 1, 2, 3, 4, 5, 6, 7]);
}

pub async fn a_worker_that_died_is_counted(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    assert_eq!(granted(&*db.store, &job, "w1").await.crashes, 0);
    // Its delivery came back to it: the connection broke, not the worker.
    assert_eq!(granted(&*db.store, &job, "w1").await.crashes, 0);
    let third = granted(&*db.store, &job, "w2").await;
    assert_eq!(third.crashes, 1);
    db.store
        .end_attempt(&third.attempt, &AttemptEnd::Returned)
        .await
        .unwrap();
    assert_eq!(granted(&*db.store, &job, "w3").await.crashes, 1);
    assert_eq!(
        db.texts("SELECT outcome AS value FROM sync_attempts ORDER BY generation")
            .await,
        ["superseded", "crashed", "returned", "running"]
    );
    assert_eq!(db.store.jobs(&job.run_id).await.unwrap()[1].crashes, 1);
}

pub async fn a_crash_is_unsure_while_its_worker_may_live(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    assert!(!granted(&*db.store, &job, "w1").await.crash_unsure);
    let second = granted(&*db.store, &job, "w2").await;
    assert_eq!((second.crashes, second.crash_unsure), (1, true));
    // Both were heard of; of the first nothing more.
    db.silence(&worker("w1")).await;
    let third = granted(&*db.store, &job, "w3").await;
    assert_eq!((third.crashes, third.crash_unsure), (2, true));
    db.silence(&worker("w2")).await;
    let fourth = granted(&*db.store, &job, "w3").await;
    assert_eq!((fourth.crashes, fourth.crash_unsure), (2, false));
}

pub async fn what_has_ended_a_worker_is_not_granted_beside_others(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let beside = async |by| db.store.claim_beside_others(&job, &worker(by)).await;
    assert!(matches!(beside("w1").await, Ok(Claim::Granted(_))));
    // Its own delivery came back to it: nobody died.
    assert!(matches!(beside("w1").await, Ok(Claim::Granted(_))));
    for _ in 0..2 {
        assert_eq!(beside("w2").await.unwrap(), Claim::Alone);
    }
    // Asking changed nothing, so that a worker that dies while the job waits does not count.
    let outcomes = "SELECT outcome AS value FROM sync_attempts ORDER BY generation";
    assert_eq!(db.texts(outcomes).await, ["superseded", "running"]);
    assert_eq!(db.store.jobs(&job.run_id).await.unwrap()[1].crashes, 0);

    let grant = granted(&*db.store, &job, "w2").await;
    assert_eq!(grant.crashes, 1);
    db.store
        .end_attempt(&grant.attempt, &AttemptEnd::Returned)
        .await
        .unwrap();
    assert_eq!(beside("w3").await.unwrap(), Claim::Alone);
    commit(db, &job, &result(&job.params, &[1], 1)).await;
    let done = Claim::Settled(JobState::Done, None);
    assert_eq!(beside("w3").await.unwrap(), done);
}

pub async fn a_retry_is_not_granted_before_its_time(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let why = cause("throttled/429");
    let retry = |at| AttemptEnd::Retry {
        cause: why.clone(),
        at,
    };
    let attempt = granted(&*db.store, &job, "w").await.attempt;
    let at = Utc::now() + TimeDelta::hours(3);
    db.store.end_attempt(&attempt, &retry(at)).await.unwrap();
    for claim in [
        db.store.claim(&job, &worker("w")).await.unwrap(),
        db.store
            .claim_beside_others(&job, &worker("x"))
            .await
            .unwrap(),
    ] {
        let Claim::TooEarly { wait, cause } = claim else {
            panic!("{claim:?}");
        };
        assert!((10_000..=10_800).contains(&wait.as_secs()), "{wait:?}");
        assert_eq!(cause, Some(why.clone()));
    }
    let [_, record, ..] = &db.store.jobs(&job.run_id).await.unwrap()[..] else {
        panic!("four jobs");
    };
    assert_eq!((record.state, record.errors), (JobState::Retrying, 1));
    assert_eq!(
        db.text("SELECT COUNT(*) AS value FROM sync_attempts").await,
        "1"
    );

    // Its time has come; and what was set aside may look at any time whether it still has to wait.
    db.execute(
        "UPDATE sync_jobs SET next_attempt_at = '2020-01-01T00:00:00+00:00' WHERE target = '1'",
    )
    .await;
    let attempt = granted(&*db.store, &job, "w").await.attempt;
    let deferred = AttemptEnd::Deferred { cause: why, at };
    db.store.end_attempt(&attempt, &deferred).await.unwrap();
    granted(&*db.store, &job, "w").await;
}

pub async fn what_is_settled_stays_settled(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    commit(db, &job, &result(&job.params, &[1], 1)).await;
    let again = db.store.claim(&job, &worker("w")).await.unwrap();
    assert_eq!(again, Claim::Settled(JobState::Done, None));

    let job = JobMessage::new(run_id("a"), target(2), first_quarter());
    let attempt = granted(&*db.store, &job, "w").await.attempt;
    let failed = AttemptEnd::Failed {
        cause: cause("data/x"),
        manifest: None,
        checks: Vec::new(),
    };
    db.store.end_attempt(&attempt, &failed).await.unwrap();
    let again = db.store.claim(&job, &worker("w")).await.unwrap();
    assert_eq!(
        again,
        Claim::Settled(JobState::Failed, Some(cause("data/x")))
    );
}

pub async fn an_unknown_job_is_not_trusted(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let other_dates = params("2026-01-01", "2026-12-31", "2026-04-01");
    for stranger in [
        JobMessage::new(run_id("b"), target(1), job.params),
        JobMessage::new(run_id("a"), target(99), job.params),
        JobMessage::new(run_id("a"), target(1), other_dates),
    ] {
        let claim = db.store.claim(&stranger, &worker("w")).await.unwrap();
        assert_eq!(claim, Claim::Unknown, "{stranger:?}");
    }
    assert_eq!(
        db.text("SELECT COUNT(*) AS value FROM sync_targets").await,
        "0"
    );
}

pub async fn another_run_waits_for_a_living_holder(db: &Db) {
    let first = recorded(db, "a", first_quarter(), target(1)).await;
    let second = recorded(db, "b", first_quarter(), target(1)).await;
    beat(db, "w1").await;
    let attempt = granted(&*db.store, &first, "w1").await.attempt;
    assert_eq!(holder(db, &second, "w2").await, worker("w1"));

    // Silent for too long, then heard of again.
    db.silence(&worker("w1")).await;
    let taken = granted(&*db.store, &second, "w2").await;
    assert_eq!((taken.attempt.generation, taken.crashes), (2, 0));
    db.store
        .end_attempt(&taken.attempt, &AttemptEnd::Returned)
        .await
        .unwrap();

    let attempt = {
        db.store
            .end_attempt(&attempt, &AttemptEnd::Returned)
            .await
            .unwrap();
        granted(&*db.store, &first, "w1").await.attempt
    };
    assert_eq!(holder(db, &second, "w2").await, worker("w1"));
    // It may go when the holder stopped in good order, or let go.
    db.store.worker_stopped(&worker("w1")).await.unwrap();
    let taken = granted(&*db.store, &second, "w2").await.attempt;
    assert!(taken.generation > attempt.generation);
    assert_eq!(holder(db, &first, "w3").await, worker("w2"));
    db.store
        .end_attempt(&taken, &AttemptEnd::Returned)
        .await
        .unwrap();
    granted(&*db.store, &first, "w3").await;
}

pub async fn what_is_held_is_deferred_by_the_claim(db: &Db) {
    let first = recorded(db, "a", first_quarter(), target(1)).await;
    let second = recorded(db, "b", first_quarter(), target(1)).await;
    granted(&*db.store, &first, "w1").await;
    let before = Utc::now();
    let Claim::Held { by, wait, cause } = db.store.claim(&second, &worker("w2")).await.unwrap()
    else {
        panic!("not held");
    };
    assert_eq!((by, wait), (worker("w1"), Duration::from_secs(10)));
    let waiting = record(db, &second).await;
    assert_eq!((waiting.state, waiting.deferrals), (JobState::Deferred, 1));
    assert_eq!((waiting.errors, waiting.cause.as_ref()), (0, Some(&cause)));
    // By the database's clock, which may differ from this one's.
    let at = waiting.next_attempt_at.unwrap();
    let about = TimeDelta::seconds(5)..TimeDelta::minutes(1);
    assert!(about.contains(&(at - before)), "{at}");
    assert_eq!(
        (cause.class, &*cause.fingerprint),
        (FailureClass::Transient, "transient/target-held")
    );
    // The holder's job is not touched.
    assert_eq!(record(db, &first).await.state, JobState::Running);
}

pub async fn a_newer_commit_makes_an_older_job_needless(db: &Db) {
    let older = recorded(db, "older", first_quarter(), target(1)).await;
    let wider = params("2025-12-15", "2026-03-10", "2026-04-02");
    let newer = recorded(db, "newer", wider, target(1)).await;
    commit(db, &newer, &result(&wider, &[1], 1)).await;

    let claim = db.store.claim(&older, &worker("w")).await.unwrap();
    assert_eq!(
        claim,
        Claim::Superseded {
            by: run_id("newer")
        }
    );
    let record = &db.store.jobs(&older.run_id).await.unwrap()[1];
    assert_eq!(record.state, JobState::Superseded);
    assert!(record.finished_at.is_some());
    let again = db.store.claim(&older, &worker("w")).await.unwrap();
    assert_eq!(again, Claim::Settled(JobState::Superseded, None));
}

pub async fn a_commit_for_less_does_not_supersede(db: &Db) {
    // Fewer months; an earlier day; an older run; and of payables, fewer days of the same months.
    let fewer_months = params("2026-01-01", "2026-02-28", "2026-04-01");
    let earlier_day = params("2026-01-01", "2026-03-31", "2026-03-31");
    for (n, newer) in [fewer_months, earlier_day].into_iter().enumerate() {
        let id = 1 + n as i64;
        let job = recorded(db, &format!("older-{n}"), first_quarter(), target(id)).await;
        let newer_job = recorded(db, &format!("newer-{n}"), newer, target(id)).await;
        commit(db, &newer_job, &result(&newer, &[id], 1)).await;
        let previous = granted(&*db.store, &job, "w").await.previous.unwrap();
        assert_eq!(
            (previous.params, previous.manifest.contratos_listed),
            (newer, 1)
        );
    }

    let older = recorded(db, "older-3", first_quarter(), target(3)).await;
    let newer = recorded(db, "newer-3", first_quarter(), target(3)).await;
    commit(db, &older, &result(&older.params, &[3], 1)).await;
    granted(&*db.store, &newer, "w").await;

    let job = recorded(db, "older-4", first_quarter(), Target::SaidasCaixa).await;
    let fewer_days = params("2026-01-01", "2026-03-30", "2026-04-01");
    commit_faturas(db, "newer-4", fewer_days, Vec::new()).await;
    granted(&*db.store, &job, "w").await;
}
