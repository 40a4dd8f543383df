//! Jobs stopped because their handling failed.

use domain::job::JobMessage;
use domain::ledger::{Committed, JobState};

use crate::support::*;

pub async fn a_job_is_stopped_without_an_attempt(db: &Db) {
    let bug = cause("bug/panic");
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let stop = async |job: &JobMessage| db.store.fail_job(job, &worker("w"), &bug).await.unwrap();
    // Before it was claimed,
    stop(&job).await;
    let now = record(db, &job).await;
    assert_eq!(
        (now.state, now.cause.as_ref()),
        (JobState::Failed, Some(&bug))
    );
    assert!(now.finished_at.is_some());

    // and after.
    let job = JobMessage::new(run_id("a"), target(2), first_quarter());
    let attempt = granted(&*db.store, &job, "w").await.attempt;
    stop(&job).await;
    let now = record(db, &job).await;
    assert_eq!(
        (now.state, now.cause.as_ref()),
        (JobState::Failed, Some(&bug))
    );
    assert_eq!(
        db.texts("SELECT outcome || ' ' || fingerprint AS value FROM sync_attempts")
            .await,
        ["failed bug/panic"]
    );
    // Its target is another's to take, and what it had begun commits nothing.
    let late = db
        .store
        .commit_empreendimento(&attempt, &result(&job.params, &[1], 1), &[])
        .await;
    assert_eq!(late.unwrap(), Committed::Fenced);
    let other = recorded(db, "b", first_quarter(), target(2)).await;
    granted(&*db.store, &other, "w2").await;
}

pub async fn what_is_another_s_or_final_is_not_stopped(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let stop = async |job: &JobMessage| {
        let bug = cause("bug/panic");
        db.store.fail_job(job, &worker("w"), &bug).await.unwrap();
    };
    // A message that names a job with other dates is not to be trusted.
    let forged = params("2026-01-01", "2026-12-31", "2026-04-01");
    stop(&JobMessage::new(run_id("a"), target(1), forged)).await;
    assert_eq!(record(db, &job).await.state, JobState::Queued);

    let attempt = granted(&*db.store, &job, "another").await.attempt;
    stop(&job).await;
    assert_eq!(record(db, &job).await.state, JobState::Running);
    let applied = db
        .store
        .commit_empreendimento(&attempt, &result(&job.params, &[1], 1), &[])
        .await;
    assert!(matches!(applied.unwrap(), Committed::Applied { .. }));
    stop(&job).await;
    assert_eq!(record(db, &job).await.state, JobState::Done);
}
