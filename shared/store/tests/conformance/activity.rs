//! The activity of a filial whose empreendimentos are committed at the same time.

use domain::job::JobMessage;
use domain::ledger::Committed;
use tokio::sync::Barrier;

use crate::support::*;

pub async fn concurrent_commits_of_one_filial_agree_on_its_activity(db: &Db) {
    for round in 0..4 {
        let run = format!("run-{round}");
        // In turns: one of two goes inactive while the other comes alive, and both go inactive.
        let alive: [bool; 2] = if round % 3 == 2 {
            [false, false]
        } else {
            [round % 3 == 0, round % 3 == 1]
        };
        let first = recorded(db, &run, first_quarter(), target(1)).await;
        let second = JobMessage::new(run_id(&run), target(2), first_quarter());
        let barrier = std::sync::Arc::new(Barrier::new(2));
        let mut commits = Vec::new();
        for (job, is_active) in [first, second].into_iter().zip(alive) {
            let attempt = granted(&*db.store, &job, "w").await.attempt;
            let (store, barrier) = (db.another_process().await, barrier.clone());
            commits.push(tokio::spawn(async move {
                let mut rows = result(&job.params, &[], 1);
                rows.is_active = is_active;
                barrier.wait().await;
                store
                    .commit_empreendimento(&attempt, &rows, &[])
                    .await
                    .unwrap()
            }));
        }
        for commit in commits {
            assert!(matches!(commit.await.unwrap(), Committed::Applied { .. }));
        }
        let active = "SELECT CAST(is_active AS INTEGER) AS value FROM filiais WHERE id = 10";
        let expected = if alive == [false, false] { "0" } else { "1" };
        assert_eq!(db.text(active).await, expected, "round {round}");
    }
}

/// The same for certain: both commits are made to meet at the filial's row.
#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_commits_sees_the_first_ones_activity() {
    on_postgres(async |db| {
        let Raw::Postgres(pool) = &db.raw else {
            unreachable!("on PostgreSQL")
        };
        let first = recorded(db, "a", first_quarter(), target(1)).await;
        commit(db, &first, &result(&first.params, &[1], 1)).await;
        let goes = recorded(db, "b", first_quarter(), target(1)).await;
        let comes = JobMessage::new(run_id("b"), target(2), first_quarter());

        let mut gate = pool.begin().await.unwrap();
        sqlx::query("SELECT FROM filiais WHERE id = 10 FOR UPDATE")
            .execute(&mut *gate)
            .await
            .unwrap();
        let commits = [(goes, false), (comes, true)].map(|(job, is_active)| {
            let store = db.store.clone();
            tokio::spawn(async move {
                let attempt = granted(&*store, &job, "w").await.attempt;
                let mut rows = result(&job.params, &[], 1);
                rows.is_active = is_active;
                store
                    .commit_empreendimento(&attempt, &rows, &[])
                    .await
                    .unwrap()
            })
        });
        let waiting = "SELECT COUNT(DISTINCT pid) AS value FROM pg_locks JOIN pg_stat_activity
                       USING (pid)
                       WHERE relation = CAST('filiais' AS regclass) AND wait_event_type = 'Lock'";
        let both_wait = async { while db.text(waiting).await != "2" {} };
        let in_time = std::time::Duration::from_secs(15);
        tokio::time::timeout(in_time, both_wait)
            .await
            .expect("both commits reach the filial");
        gate.rollback().await.unwrap();
        for commit in commits {
            assert!(matches!(commit.await.unwrap(), Committed::Applied { .. }));
        }
        let active = "SELECT CAST(is_active AS INTEGER) AS value FROM filiais WHERE id = 10";
        assert_eq!(db.text(active).await, "1");
    })
    .await;
}
