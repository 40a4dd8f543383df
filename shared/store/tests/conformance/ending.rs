//! How attempts end, and what that does to their jobs.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::job::JobMessage;
use domain::ledger::{AttemptEnd, JobState};
use domain::manifest::Manifest;

use crate::support::*;

fn later() -> DateTime<Utc> {
    "2026-04-01T12:00:00Z".parse().unwrap()
}

pub async fn each_end_leaves_its_mark(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let at = later();
    let attempt = async || granted(&*db.store, &job, "w").await.attempt;
    let end = async |end| db.store.end_attempt(&attempt().await, &end).await.unwrap();

    end(AttemptEnd::Retry {
        cause: cause("transient/timeout"),
        at,
    })
    .await;
    let now = record(db, &job).await;
    assert_eq!(
        (now.state, now.errors, now.deferrals),
        (JobState::Retrying, 1, 0)
    );
    assert_eq!(
        (now.cause, now.next_attempt_at),
        (Some(cause("transient/timeout")), Some(at))
    );

    end(AttemptEnd::Deferred {
        cause: cause("erp-away/circuit"),
        at,
    })
    .await;
    let now = record(db, &job).await;
    assert_eq!(
        (now.state, now.errors, now.deferrals),
        (JobState::Deferred, 1, 1)
    );

    end(AttemptEnd::Returned).await;
    let now = record(db, &job).await;
    assert_eq!(
        (now.state, now.errors, now.deferrals),
        (JobState::Queued, 1, 1)
    );

    let manifest = Manifest {
        records_read: 7,
        ..Manifest::default()
    };
    end(AttemptEnd::Failed {
        cause: cause("data/vlr_pago"),
        manifest: Some(manifest),
        checks: Vec::new(),
    })
    .await;
    let now = record(db, &job).await;
    assert_eq!(
        (now.state, now.errors, now.crashes),
        (JobState::Failed, 2, 0)
    );
    assert!(now.finished_at.is_some() && now.manifest.is_none());
    assert_eq!(
        db.texts("SELECT outcome AS value FROM sync_attempts ORDER BY generation")
            .await,
        ["retry", "deferred", "returned", "failed"]
    );
    assert_eq!(
        db.text("SELECT COUNT(*) AS value FROM sync_attempts WHERE manifest IS NOT NULL")
            .await,
        "1"
    );

    // A commit forgets the cause.
    let other = JobMessage::new(run_id("a"), target(2), first_quarter());
    let failing = granted(&*db.store, &other, "w").await.attempt;
    let retry = AttemptEnd::Retry {
        cause: cause("x"),
        at,
    };
    db.store.end_attempt(&failing, &retry).await.unwrap();
    commit(db, &other, &result(&other.params, &[1, 2], 1)).await;
    let now = record(db, &other).await;
    assert_eq!(
        (now.state, now.cause, now.next_attempt_at),
        (JobState::Done, None, None)
    );
    assert_eq!((now.errors, now.manifest.unwrap().contratos_listed), (1, 2));
    assert!(now.finished_at.is_some());
}

pub async fn a_late_report_does_not_undo_a_commit(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let attempt = commit(db, &job, &result(&job.params, &[1], 1)).await;
    // The answer to the commit was lost, and the worker believes it failed.
    let retry = AttemptEnd::Retry {
        cause: cause("transient/database-away"),
        at: later(),
    };
    db.store.end_attempt(&attempt, &retry).await.unwrap();
    let now = record(db, &job).await;
    assert_eq!(
        (now.state, now.errors, now.cause),
        (JobState::Done, 0, None)
    );
    assert_eq!(
        db.text("SELECT outcome AS value FROM sync_attempts").await,
        "done"
    );
}

/// Has a claim of the job find another run's attempt, which then ends.
async fn held_by_another_run(db: &Db, job: &JobMessage, run: &str) {
    let other = recorded(db, run, job.params, job.target).await;
    let attempt = granted(&*db.store, &other, "x").await.attempt;
    assert_eq!(holder(db, job, "w").await, worker("x"));
    end(db, &attempt, AttemptEnd::Returned).await;
}

pub async fn the_time_set_aside_counts_from_the_first_in_a_row(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let (why, at) = (cause("erp-away/most-calls-fail"), later());
    let end = async |end: AttemptEnd| {
        let grant = granted(&*db.store, &job, "w").await;
        db.store.end_attempt(&grant.attempt, &end).await.unwrap();
        grant.deferred_for
    };
    let deferred = || AttemptEnd::Deferred {
        cause: why.clone(),
        at,
    };
    let since = "SELECT deferred_since AS value FROM sync_jobs
                 WHERE run_id = 'a' AND target = '1'";
    // As if the first had been long ago.
    let long_ago = "UPDATE sync_jobs SET deferred_since = '2020-01-01T00:00:00+00:00'
                    WHERE deferred_since IS NOT NULL";
    let years = Duration::from_secs(6 * 365 * 24 * 60 * 60);

    assert_eq!(end(deferred()).await, Duration::ZERO);
    db.execute(long_ago).await;
    // However often, and whether or not a worker stopped in between or another run had the target.
    for next in [deferred(), deferred(), AttemptEnd::Returned, deferred()] {
        assert!(end(next).await > years);
    }
    held_by_another_run(db, &job, "b").await;
    assert!(end(deferred()).await > years);

    let retry = AttemptEnd::Retry {
        cause: cause("transient/timeout"),
        at,
    };
    assert!(end(retry).await > years);
    assert_eq!(db.text(since).await, "null");
    assert_eq!(end(deferred()).await, Duration::ZERO);

    // Nor does the time from before a crash count.
    db.execute(long_ago).await;
    assert!(granted(&*db.store, &job, "w").await.deferred_for > years);
    assert_eq!(
        granted(&*db.store, &job, "w2").await.deferred_for,
        Duration::ZERO
    );
    assert_eq!(db.text(since).await, "null");

    // A target that another run holds is no deferral of its own.
    end(AttemptEnd::Returned).await;
    held_by_another_run(db, &job, "c").await;
    assert_eq!(db.text(since).await, "null");

    // An older build has set it aside, and left no time: it counts from the next.
    let aside = "UPDATE sync_jobs SET state = 'deferred', deferrals = 9
                 WHERE run_id = 'a' AND target = '1'";
    db.execute(aside).await;
    assert_eq!(end(deferred()).await, Duration::ZERO);
    assert_ne!(db.text(since).await, "null");

    let failed = AttemptEnd::Failed {
        cause: why.clone(),
        manifest: None,
        checks: Vec::new(),
    };
    end(failed).await;
    assert_eq!(db.text(since).await, "null");
}
