//! Jobs that a person cancels.

use std::time::Duration;

use domain::job::{JobMessage, Target};
use domain::ledger::{
    Action, AttemptEnd, Cancelled, Claim, Committed, JobState, Requeue, RequeueFilter,
};
use store::RunFilter;

use crate::support::*;

const WHY: &str = "the wrong window";

/// Cancels jobs of a run, all or some; how many at once, in hand, and kept.
async fn cancel(db: &Db, run: &str, codes: &[i64]) -> (u64, u64, u64) {
    let codes: Vec<_> = codes.iter().copied().map(empreendimento).collect();
    let run = run_id(run);
    let cancelled = db.store.cancel(&run, &codes, "ana@office", WHY);
    let Cancelled {
        plan: false,
        at_once,
        in_hand,
        kept,
    } = cancelled.await.unwrap()
    else {
        panic!("a plan was cancelled");
    };
    (at_once, in_hand, kept)
}

fn named(codes: &[i64]) -> RequeueFilter {
    RequeueFilter {
        empreendimentos: codes.iter().copied().map(empreendimento).collect(),
        fingerprint: None,
    }
}

async fn rows(db: &Db, table: &str) -> String {
    db.text(&format!("SELECT COUNT(*) AS value FROM {table}"))
        .await
}

pub async fn what_waits_is_cancelled_at_once(db: &Db) {
    let retrying = recorded(db, "a", first_quarter(), target(1)).await;
    let job = |target| JobMessage::new(run_id("a"), target, first_quarter());
    let (deferred, queued) = (job(target(2)), job(target(3)));
    let failed = job(Target::SaidasCaixa);
    let at = "2026-04-01T12:00:00Z".parse().unwrap();
    let cause = || cause("data/x");
    for (job, how) in [
        (&retrying, AttemptEnd::Retry { cause: cause(), at }),
        (&deferred, AttemptEnd::Deferred { cause: cause(), at }),
        (
            &failed,
            AttemptEnd::Failed {
                cause: cause(),
                manifest: None,
                checks: Vec::new(),
            },
        ),
    ] {
        let attempt = granted(&*db.store, job, "w").await.attempt;
        end(db, &attempt, how).await;
    }
    let (run, store) = (&queued.run_id, &db.store);
    store.mark_published(run, queued.target).await.unwrap();
    assert!(
        store
            .lost(run, Duration::ZERO)
            .await
            .unwrap()
            .contains(&queued.target)
    );

    assert_eq!(cancel(db, "a", &[]).await, (3, 0, 1));
    for job in [&retrying, &deferred, &queued] {
        let now = record(db, job).await;
        assert_eq!(
            (now.state, now.cause, now.next_attempt_at),
            (JobState::Cancelled, None, None)
        );
        assert!(now.finished_at.is_some());
        // A late message finds it so.
        let claim = store.claim(job, &worker("w")).await.unwrap();
        assert_eq!(claim, Claim::Settled(JobState::Cancelled, None));
        store.fail_job(job, &worker("w"), &cause()).await.unwrap();
        assert_eq!(record(db, job).await.state, JobState::Cancelled);
    }
    assert_eq!(record(db, &failed).await.state, JobState::Failed);
    // No message of it is published again.
    assert_eq!(store.unfinished(run, true).await.unwrap(), []);
    assert_eq!(store.lost(run, Duration::ZERO).await.unwrap(), []);

    // Once more there is nothing to do, and nobody is said to have done it.
    assert_eq!(cancel(db, "a", &[]).await, (0, 0, 4));
    let actions = store.actions(run).await.unwrap();
    let [action] = &actions[..] else {
        panic!("{actions:?}");
    };
    assert_eq!(
        (
            action.what,
            &action.by[..],
            action.about.as_deref(),
            action.why.as_deref()
        ),
        (Action::Cancel, "ana@office", None, Some(WHY))
    );
}

pub async fn a_cancelled_attempt_commits_nothing(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let attempt = granted(&*db.store, &job, "w").await.attempt;
    assert!(!db.store.is_cancelled(&attempt).await.unwrap());
    assert_eq!(cancel(db, "a", &[1]).await, (0, 1, 0));
    assert!(db.store.is_cancelled(&attempt).await.unwrap());
    let busy = db.store.fleet().await.unwrap();
    assert!(busy.iter().all(|worker| worker.jobs.is_empty()));

    let late = result(&job.params, &[1], 9);
    let commit = db.store.commit_empreendimento(&attempt, &late, &[]).await;
    assert_eq!(commit.unwrap(), Committed::Fenced);
    for table in ["contratos", "entradas_caixa", "sync_coverage", "sync_cells"] {
        assert_eq!(rows(db, table).await, "0", "{table}");
    }
    let retry = AttemptEnd::Retry {
        cause: cause("transient/timeout"),
        at: "2026-04-01T12:00:00Z".parse().unwrap(),
    };
    for how in [retry, AttemptEnd::Returned, AttemptEnd::Superseded] {
        end(db, &attempt, how).await;
    }
    let outcomes = "SELECT outcome AS value FROM sync_attempts ORDER BY generation";
    assert_eq!(db.texts(outcomes).await, ["cancelled"]);
    let now = record(db, &job).await;
    assert_eq!((now.state, now.errors), (JobState::Cancelled, 0));

    // Others have the target at once.
    let other = recorded(db, "b", first_quarter(), target(1)).await;
    let next = granted(&*db.store, &other, "w2").await.attempt;
    assert!(next.generation > attempt.generation);
    assert!(!db.store.is_cancelled(&next).await.unwrap());
    let commit = db.store.commit_empreendimento(&next, &late, &[]).await;
    assert!(matches!(commit.unwrap(), Committed::Applied { .. }));
}

pub async fn a_commit_that_came_first_stays(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    commit(db, &job, &result(&job.params, &[1], 1)).await;
    assert_eq!(cancel(db, "a", &[1]).await, (0, 0, 1));
    assert_eq!(record(db, &job).await.state, JobState::Done);
    assert_eq!(rows(db, "contratos").await, "1");
    assert_eq!(db.store.actions(&job.run_id).await.unwrap(), []);
}

pub async fn a_commit_and_a_cancel_at_once_agree(db: &Db) {
    let other = db.another_process().await;
    for round in 0..12 {
        let name = format!("run-{round}");
        let job = recorded(db, &name, first_quarter(), target(1)).await;
        let attempt = granted(&*db.store, &job, "w").await.attempt;
        let figures = result(&job.params, &[1], round + 1);
        let codes = [empreendimento(1)];
        let (committed, cancelled) = tokio::join!(
            db.store.commit_empreendimento(&attempt, &figures, &[]),
            other.cancel(&job.run_id, &codes, "ana@office", WHY),
        );
        let (in_hand, kept) = cancelled.map(|found| (found.in_hand, found.kept)).unwrap();
        let state = record(db, &job).await.state;
        match committed.unwrap() {
            Committed::Applied { .. } => {
                assert_eq!((state, in_hand, kept), (JobState::Done, 0, 1));
            }
            Committed::Fenced => {
                assert_eq!((state, in_hand, kept), (JobState::Cancelled, 1, 0));
            }
        }
    }
}

pub async fn what_another_run_holds_is_left_to_it(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let silent = granted(&*db.store, &job, "w1").await.attempt;
    db.silence(&worker("w1")).await;
    let other = recorded(db, "b", first_quarter(), target(1)).await;
    let taken = granted(&*db.store, &other, "w2").await.attempt;
    assert_eq!(cancel(db, "a", &[1]).await, (0, 1, 0));
    assert!(db.store.is_cancelled(&silent).await.unwrap());
    assert!(!db.store.is_cancelled(&taken).await.unwrap());
    let figures = result(&job.params, &[1], 1);
    let late = db.store.commit_empreendimento(&silent, &figures, &[]).await;
    assert_eq!(late.unwrap(), Committed::Fenced);
    assert_eq!(record(db, &job).await.state, JobState::Cancelled);
    let commit = db.store.commit_empreendimento(&taken, &figures, &[]).await;
    assert!(matches!(commit.unwrap(), Committed::Applied { .. }));
}

pub async fn only_a_requeue_by_name_revives_what_was_cancelled(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let attempt = granted(&*db.store, &job, "w").await.attempt;
    assert_eq!(cancel(db, "a", &[1, 3]).await, (1, 1, 0));
    let about = db.store.actions(&job.run_id).await.unwrap().remove(0).about;
    assert_eq!(about.as_deref(), Some("1,3"));

    let picked = async |filter: &RequeueFilter| {
        let picked = db.store.requeueable(&job.run_id, filter).await.unwrap();
        let codes = picked.iter().map(|job| job.target.to_string());
        codes.collect::<Vec<_>>()
    };
    assert_eq!(picked(&RequeueFilter::default()).await, [""; 0]);
    assert_eq!(picked(&named(&[1, 2])).await, ["1"]);
    let requeue = |filter| Requeue {
        filter,
        accept_change: true,
        by: "rui@home".to_owned(),
    };
    let all = requeue(RequeueFilter::default());
    assert_eq!(db.store.requeue(&job.run_id, &all).await.unwrap(), 0);
    let by_name = requeue(named(&[1]));
    assert_eq!(db.store.requeue(&job.run_id, &by_name).await.unwrap(), 1);
    let now = record(db, &job).await;
    assert_eq!(
        (now.state, now.published_at, now.finished_at),
        (JobState::Queued, None, None)
    );
    let unfinished = db.store.unfinished(&job.run_id, false).await.unwrap();
    assert!(unfinished.contains(&job));

    // The cancelled attempt stays fenced out; the next one does the job, with nothing accepted: no
    // check of it had failed.
    let figures = result(&job.params, &[1], 1);
    let late = db
        .store
        .commit_empreendimento(&attempt, &figures, &[])
        .await;
    assert_eq!(late.unwrap(), Committed::Fenced);
    let grant = granted(&*db.store, &job, "w2").await;
    assert!(grant.accepted.is_empty());
    assert_eq!(grant.crashes, 0);
    let next = grant.attempt;
    let commit = db.store.commit_empreendimento(&next, &figures, &[]).await;
    assert!(matches!(commit.unwrap(), Committed::Applied { .. }));
    assert_eq!(record(db, &job).await.state, JobState::Done);
}

pub async fn what_was_cancelled_is_neither_open_nor_failed_nor_complete(db: &Db) {
    recorded(db, "a", first_quarter(), target(1)).await;
    let month = "2026-02".parse().unwrap();
    let pending = async || {
        let pending = db.store.pending_months(None, month, month).await.unwrap();
        pending
            .iter()
            .map(|month| month.id.get())
            .collect::<Vec<_>>()
    };
    assert_eq!(pending().await, [1, 2, 3]);
    assert_eq!(cancel(db, "a", &[1]).await, (1, 0, 0));
    // Its figures are those from before the run.
    assert_eq!(pending().await, [2, 3]);
    assert_eq!(cancel(db, "a", &[]).await, (3, 0, 1));
    assert_eq!(pending().await, [0; 0]);

    for filter in [RunFilter::Open, RunFilter::Failed, RunFilter::Complete] {
        let runs = db.store.recent_runs(filter, None, 9).await.unwrap();
        assert_eq!(runs, [], "{filter}");
    }
    let runs = db.store.recent_runs(RunFilter::All, None, 9).await.unwrap();
    let [run] = &runs[..] else {
        panic!("{runs:?}");
    };
    assert_eq!(
        (run.total, run.open, run.failed, run.cancelled),
        (4, 0, 0, 4)
    );
    assert!(run.finished_at.is_some());
    let states = db.store.jobs_by_state().await.unwrap();
    assert_eq!(states, [(JobState::Cancelled, 4)]);
}
