//! Which months show the figures of an older run than the newest that covers them.

use domain::job::{JobMessage, RunParams};
use domain::ledger::{AttemptEnd, Claim};

use crate::support::*;

/// What is told of empreendimento 1 in the first half of 2026: month and state.
async fn pending(db: &Db) -> Vec<String> {
    let [first, last] = ["2026-01", "2026-06"].map(|month| month.parse().unwrap());
    let of = Some(empreendimento(1));
    let months = db.store.pending_months(of, first, last).await.unwrap();
    let months = months.into_iter();
    months
        .map(|pending| format!("{} {}", pending.month, pending.state))
        .collect()
}

async fn fail(db: &Db, job: &JobMessage) {
    let attempt = granted(&*db.store, job, "w").await.attempt;
    let failed = AttemptEnd::Failed {
        cause: cause("data/x"),
        manifest: None,
        checks: Vec::new(),
    };
    end(db, &attempt, failed).await;
}

async fn commit_window(db: &Db, job: &JobMessage) {
    commit(db, job, &result(&job.params, &[11], 1)).await;
}

fn window(start: &str, end: &str) -> RunParams {
    params(start, end, "2026-11-23")
}

pub async fn months_that_a_newer_run_has_not_committed_are_told(db: &Db) {
    assert_eq!(pending(db).await, [""; 0]);
    let first = recorded(db, "a", window("2026-01-15", "2026-04-02"), target(1)).await;
    // Nothing was written yet, and the window touches each of these months.
    let all = ["2026-01", "2026-02", "2026-03", "2026-04"];
    let queued = all.map(|month| format!("{month} queued"));
    assert_eq!(pending(db).await, queued);
    let [february, march] = ["2026-02", "2026-03"].map(|month| month.parse().unwrap());
    let asked = db
        .store
        .pending_months(None, february, march)
        .await
        .unwrap();
    // Of each of three empreendimentos, and not of the cash out.
    assert_eq!(asked.len(), 6);
    assert_eq!(asked[0].nome, "Residencial 1");
    commit_window(db, &first).await;
    assert_eq!(pending(db).await, [""; 0]);

    let second = recorded(db, "b", window("2026-03-01", "2026-05-31"), target(1)).await;
    let months = ["2026-03", "2026-04", "2026-05"];
    assert_eq!(
        pending(db).await,
        months.map(|month| format!("{month} queued"))
    );
    fail(db, &second).await;
    let failed = months.map(|month| format!("{month} failed"));
    assert_eq!(pending(db).await, failed);

    // A still newer run that covers less has its own state where it covers.
    let third = recorded(db, "c", window("2026-05-01", "2026-05-31"), target(1)).await;
    assert_eq!(
        pending(db).await,
        ["2026-03 failed", "2026-04 failed", "2026-05 queued"]
    );
    commit_window(db, &third).await;
    assert_eq!(pending(db).await, ["2026-03 failed", "2026-04 failed"]);

    // Whoever commits later is what counts, and the failure of before is over.
    let fourth = recorded(db, "d", window("2026-01-01", "2026-06-30"), target(1)).await;
    commit_window(db, &fourth).await;
    assert_eq!(pending(db).await, [""; 0]);
}

pub async fn a_run_that_would_leave_a_month_makes_it_no_older(db: &Db) {
    let newest = recorded(db, "a", window("2026-01-01", "2026-02-28"), target(1)).await;
    commit_window(db, &newest).await;
    // An older view of what a later one has written; March nobody has written.
    let older = params("2026-01-01", "2026-03-31", "2026-11-03");
    let job = recorded(db, "b", older, target(1)).await;
    assert_eq!(pending(db).await, ["2026-03 queued"]);
    commit_window(db, &job).await;
    assert_eq!(pending(db).await, [""; 0]);

    // Unless it replaces newer ones.
    let mut replacing = new_run("c", older);
    replacing.replace_newer = true;
    db.store.record_run(&replacing).await.unwrap();
    let replacing = JobMessage::new(replacing.id, target(1), older);
    assert_eq!(
        pending(db).await,
        ["2026-01 queued", "2026-02 queued", "2026-03 queued"]
    );
    commit_window(db, &replacing).await;
    assert_eq!(pending(db).await, [""; 0]);

    // A job that a newer run has made needless, and an older one that failed before it.
    let failing = recorded(db, "d", window("2026-01-01", "2026-01-31"), target(1)).await;
    fail(db, &failing).await;
    let needless = recorded(db, "e", window("2026-01-01", "2026-01-31"), target(1)).await;
    let last = recorded(db, "f", window("2026-01-01", "2026-01-31"), target(1)).await;
    commit_window(db, &last).await;
    assert_eq!(pending(db).await, [""; 0]);
    let claim = db.store.claim(&needless, &worker("w")).await.unwrap();
    assert!(matches!(claim, Claim::Superseded { .. }), "{claim:?}");
    assert_eq!(pending(db).await, [""; 0]);
}
