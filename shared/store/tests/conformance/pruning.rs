//! What is old and that nothing names goes; what anything names stays, and every answer with it.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::job::{JobMessage, RunParams, Target};
use domain::ledger::{AttemptEnd, Requeue, RequeueFilter};
use domain::month::Month;
use store::{NewClose, Pruned};

use crate::support::*;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// Records a run of one job.
async fn run_of(db: &Db, name: &str, params: RunParams, target: Target) -> JobMessage {
    let mut run = new_run(name, params);
    run.jobs.retain(|job| job.target == target);
    db.store.record_run(&run).await.unwrap();
    JobMessage::new(run.id, target, params)
}

/// Records a run of one job and commits it; contratos are told apart by the empreendimento.
async fn done(db: &Db, name: &str, params: RunParams, id: i64, size: i64) {
    let job = run_of(db, name, params, target(id)).await;
    commit(db, &job, &result(&params, &[id * 10], size)).await;
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

async fn requeue(db: &Db, job: &JobMessage) {
    let requeue = Requeue {
        filter: RequeueFilter::default(),
        accept_change: false,
        by: "ana@office".to_owned(),
    };
    assert_eq!(db.store.requeue(&job.run_id, &requeue).await.unwrap(), 1);
}

async fn runs(db: &Db) -> String {
    let runs = db.texts("SELECT id AS value FROM sync_runs ORDER BY id");
    runs.await.join(" ")
}

/// The kinds of which there were any.
fn told(pruned: &Pruned) -> String {
    let kinds = pruned.iter().filter(|(_, rows)| *rows > 0);
    let kinds = kinds.map(|(kind, rows)| format!("{rows} {kind}"));
    kinds.collect::<Vec<_>>().join(", ")
}

fn march() -> RunParams {
    params("2026-03-01", "2026-03-31", "2026-04-01")
}

/// What explain, diff and the page ask about every target.
async fn answers(db: &Db) -> Vec<String> {
    let mut answers = Vec::new();
    for target in [target(1), target(2), target(3), Target::SaidasCaixa] {
        let rows = db.store.published_rows(target, None).await.unwrap();
        let writers = rows.iter().filter_map(|row| row.generation);
        for until in writers.chain([i64::MAX]) {
            let commits = db.store.last_commits(target, until).await.unwrap();
            for commit in commits {
                let generation = commit.generation;
                let checks = db.store.checks_of_attempt(target, generation).await;
                let contratos = db.store.contratos_of_commit(target, generation).await;
                answers.push(format!("{commit:?} {checks:?} {contratos:?}"));
            }
        }
        let attempts = db.store.attempts(target, 2).await.unwrap();
        let cells = db.store.cells_of(target, None, Utc::now()).await.unwrap();
        answers.push(format!("{rows:?} {attempts:?} {cells:?}"));
    }
    let [first, last]: [Month; 2] = ["2026-01", "2026-03"].map(|month| month.parse().unwrap());
    let pending = db.store.pending_months(None, first, last).await.unwrap();
    answers.push(format!("{pending:?}"));
    answers
}

pub async fn what_nothing_names_goes_and_every_answer_stays(db: &Db) {
    beat(db, "old").await;
    db.silence(&worker("old")).await;
    with_nightly(db).await;
    db.execute(
        "INSERT INTO sync_schedule_times (schedule, at, outcome, why, decided_at)
         VALUES ('nightly', '2026-01-02T05:00:00+00:00', 'skipped', 'missed', '2026-01-02T09:00:00+00:00')",
    )
    .await;
    // The history of the figures names the first; nothing does the second.
    for run in ["a1", "a2", "a3", "a4"] {
        done(db, run, first_quarter(), 1, 1).await;
    }
    db.store
        .record_resume(&run_id("a2"), "ana@office")
        .await
        .unwrap();
    // January and February stay a4's, which explain compares with a3.
    done(db, "a5", march(), 1, 1).await;
    // A failure of months that a later run commits, and one of more than those.
    let failed = run_of(db, "b1", first_quarter(), target(2)).await;
    fail(db, &failed).await;
    requeue(db, &failed).await;
    fail(db, &failed).await;
    done(db, "b2", first_quarter(), 2, 1).await;
    let open = run_of(db, "c1", first_quarter(), target(3)).await;
    fail(db, &open).await;
    done(db, "c2", march(), 3, 1).await;
    run_of(db, "d1", first_quarter(), target(2)).await;

    let before = Utc::now();
    beat(db, "w").await;
    for run in ["e1", "e2", "e3"] {
        done(db, run, first_quarter(), 2, 1).await;
    }
    let asked = answers(db).await;
    assert_eq!(runs(db).await, "a1 a2 a3 a4 a5 b1 b2 c1 c2 d1 e1 e2 e3");
    let prunable = db.store.prunable(before).await.unwrap();
    assert_eq!(runs(db).await, "a1 a2 a3 a4 a5 b1 b2 c1 c2 d1 e1 e2 e3");

    let pruned = db.store.prune(before).await.unwrap();
    assert_eq!(runs(db).await, "a1 a3 a4 a5 b2 c1 c2 d1 e1 e2 e3");
    assert_eq!(
        told(&pruned),
        "1 actions, 5 attempts, 3 checks, 2 jobs, 1 requeues, 2 runs, 1 times, 1 workers"
    );
    assert_eq!(prunable, pruned);
    assert_eq!(answers(db).await, asked);
    let of_a1 = async |table: &str| {
        let rows = format!("SELECT COUNT(*) AS value FROM {table} WHERE run_id = 'a1'");
        db.text(&rows).await
    };
    assert_eq!(of_a1("sync_jobs").await, "1", "the history names it");
    assert_eq!(of_a1("sync_attempts").await, "0");
    assert_eq!(of_a1("sync_checks").await, "0");
    let dangling = "SELECT run_id AS value FROM sync_attempts
                    WHERE run_id NOT IN (SELECT id FROM sync_runs)";
    assert_eq!(db.texts(dangling).await, [""; 0]);

    let again = db.store.prune(before).await.unwrap();
    assert_eq!(told(&again), "");
    // What has come to be old by now.
    let later = db
        .store
        .prune(Utc::now() + TimeDelta::hours(1))
        .await
        .unwrap();
    assert_eq!(later.of("runs"), 1, "{later:?}");
    assert_eq!(runs(db).await, "a1 a3 a4 a5 b2 c1 c2 d1 e2 e3");
    assert_eq!(answers(db).await, asked);
}

pub async fn what_was_signed_off_or_taken_over_keeps_its_run(db: &Db) {
    done(db, "a", first_quarter(), 1, 1).await;
    let close = NewClose {
        month: "2026-03".parse().unwrap(),
        empreendimentos: vec![],
        by: "ana@office".to_owned(),
        note: "signed".to_owned(),
        forced: true,
    };
    db.store.close(&close).await.unwrap();
    for run in ["b", "c", "d"] {
        done(db, run, first_quarter(), 1, 2).await;
    }
    db.execute(
        "INSERT INTO sync_runs (id, start_date, end_date, as_of, created_at, imported_from)
         VALUES ('import', '2020-01-01', '2020-12-31', '2021-01-01', '2021-01-01T00:00:00+00:00',
                 'antigo')",
    )
    .await;
    let pruned = db.store.prune(Utc::now() + TimeDelta::hours(1));
    let pruned = pruned.await.unwrap();
    // Only the history names b.
    assert_eq!(told(&pruned), "1 attempts, 1 checks, 1 workers");
    assert_eq!(runs(db).await, "a b c d import");
    let signed = db.store.checks_of_attempt(target(1), 1).await.unwrap();
    assert_eq!(signed.len(), 1);
    let attempts = db.store.attempts(target(1), 9).await.unwrap();
    let attempts: Vec<_> = attempts.iter().map(|one| one.run.as_str()).collect();
    assert_eq!(attempts, ["d", "c", "a"]);
}

pub async fn what_was_requeued_stays(db: &Db) {
    let failed = run_of(db, "a", first_quarter(), target(1)).await;
    fail(db, &failed).await;
    for run in ["b", "c"] {
        done(db, run, first_quarter(), 1, 1).await;
    }
    let before = Utc::now() + TimeDelta::hours(1);
    assert_eq!(db.store.prunable(before).await.unwrap().of("runs"), 1);
    requeue(db, &failed).await;
    assert_eq!(db.store.prune(before).await.unwrap().of("runs"), 0);
    assert_eq!(runs(db).await, "a b c");
    // Its claim finds it needless; then it is final again.
    db.store.claim(&failed, &worker("w")).await.unwrap();
    let pruned = db.store.prune(before).await.unwrap();
    assert_eq!((pruned.of("runs"), pruned.of("requeues")), (1, 1));
    assert_eq!(runs(db).await, "b c");
}

pub async fn of_many_that_begin_to_prune_one_does(db: &Db) {
    let before: DateTime<Utc> = "2025-10-20T12:00:00Z".parse().unwrap();
    let stores = [
        db.another_process().await,
        db.another_process().await,
        db.another_process().await,
        db.another_process().await,
    ];
    let begin = stores.map(|store| {
        tokio::spawn(async move { store.begin_prune("web@fleet", before, Some(DAY)).await })
    });
    let mut began = 0;
    for one in begin {
        began += u32::from(one.await.unwrap().unwrap());
    }
    assert_eq!(began, 1);
    let recorded = "SELECT by || ' ' || what || ' ' || about AS value FROM sync_actions";
    let daily = "web@fleet prune before 2025-10-20";
    assert_eq!(db.texts(recorded).await, [daily]);

    // A person need not wait for the next day.
    let by_ana = db.store.begin_prune("ana@office", before, None);
    assert!(by_ana.await.unwrap());
    assert_eq!(db.texts(recorded).await.len(), 2);
    db.execute("UPDATE sync_actions SET at = '2020-01-01T00:00:00+00:00'")
        .await;
    let begin = async || db.store.begin_prune("web@fleet", before, Some(DAY)).await;
    assert!(begin().await.unwrap());
    assert!(!begin().await.unwrap());
}

pub async fn jobs_are_unsettled_until_they_are_done(db: &Db) {
    let job = run_of(db, "a", first_quarter(), target(1)).await;
    let unsettled = async |run: &str, id: i64| {
        let run = run_id(run);
        db.store.is_unsettled(&run, target(id)).await.unwrap()
    };
    assert!(unsettled("a", 1).await, "queued");
    assert!(!unsettled("a", 2).await, "no such job");
    assert!(!unsettled("b", 1).await, "no such run");
    fail(db, &job).await;
    assert!(unsettled("a", 1).await, "failed");
    requeue(db, &job).await;
    commit(db, &job, &result(&job.params, &[10], 1)).await;
    assert!(!unsettled("a", 1).await, "done");
}
