//! Who is alive, and how the fleet's calls are shared.

use std::sync::atomic::{AtomicUsize, Ordering};

use domain::fleet::Calls;
use futures::future::join_all;
use store::StoreError;

use crate::support::*;

/// A heartbeat of one of a fleet that may make 96 calls; its share, and how many workers live.
async fn asks(db: &Db, name: &str, pending: usize, held: usize) -> (usize, usize) {
    let calls = Calls {
        pending,
        held,
        ..IDLE
    };
    let lease = db.store.heartbeat(&worker(name), calls).await.unwrap();
    (lease.share, lease.workers)
}

async fn held(db: &Db) -> Vec<String> {
    db.texts("SELECT held_calls AS value FROM sync_workers ORDER BY started_at, id")
        .await
}

pub async fn calls_are_leased_to_the_living(db: &Db) {
    assert_eq!(asks(db, "w1", 0, 0).await, (96, 1));
    assert_eq!(asks(db, "w2", 0, 0).await, (0, 2), "all are held");
    assert_eq!(asks(db, "w1", 0, 96).await, (48, 2));
    // What it was told to give up is its own until it says that it has.
    assert_eq!(asks(db, "w2", 0, 0).await, (0, 2));
    assert_eq!(asks(db, "w1", 0, 60).await, (48, 2), "some are in flight");
    assert_eq!(asks(db, "w2", 0, 0).await, (36, 2));
    assert_eq!(asks(db, "w1", 0, 48).await, (48, 2));
    assert_eq!(asks(db, "w2", 0, 36).await, (48, 2));
    assert_eq!(held(db).await, ["48", "48"]);

    // Whoever has the work gets the calls.
    assert_eq!(asks(db, "w2", 500, 48).await, (48, 2));
    assert_eq!(asks(db, "w1", 0, 48).await, (1, 2));
    assert_eq!(asks(db, "w1", 0, 1).await, (1, 2));
    assert_eq!(asks(db, "w2", 500, 48).await, (95, 2));

    // One that died leaves its calls to the others, and one that stopped.
    db.silence(&worker("w2")).await;
    assert_eq!(asks(db, "w1", 0, 1).await, (96, 1));
    // Had it only been silent, it may begin no call until there are some to be had again.
    assert_eq!(asks(db, "w2", 500, 95).await, (0, 2));
    assert_eq!(asks(db, "w1", 0, 96).await, (1, 2));
    db.store.worker_stopped(&worker("w1")).await.unwrap();
    assert_eq!(asks(db, "w2", 500, 0).await, (96, 1));
}

pub async fn after_an_outage_of_the_database_each_keeps_its_lease(db: &Db) {
    asks(db, "w1", 0, 0).await;
    asks(db, "w2", 0, 0).await;
    asks(db, "w1", 0, 48).await;
    assert_eq!(asks(db, "w2", 0, 0).await, (48, 2));
    db.silence(&worker("w1")).await;
    db.silence(&worker("w2")).await;
    let cut_off = Calls {
        held: 48,
        cut_off: true,
        ..IDLE
    };
    for (name, living) in [("w2", 1), ("w1", 2)] {
        let lease = db.store.heartbeat(&worker(name), cut_off).await.unwrap();
        assert_eq!((lease.share, lease.workers), (48, living), "{name}");
    }
    db.silence(&worker("w1")).await;
    assert_eq!(asks(db, "w2", 0, 48).await, (96, 1), "not heard of since");
}

pub async fn what_the_fleet_learned_is_kept_for_a_week(db: &Db) {
    let learned = async |pending, learned| {
        let calls = Calls {
            pending,
            learned,
            ..IDLE
        };
        let lease = db.store.heartbeat(&worker("w1"), calls).await;
        lease.unwrap().learned
    };
    assert_eq!(learned(0, None).await, None);
    assert_eq!(learned(3, Some(40)).await, Some(40));
    assert_eq!(learned(3, Some(60)).await, Some(60));
    assert_eq!(learned(0, Some(7)).await, Some(60), "nothing was called");
    assert_eq!(learned(0, None).await, Some(60));
    db.execute("UPDATE sync_erp SET learned_at = '2020-01-01T00:00:00+00:00'")
        .await;
    assert_eq!(learned(0, None).await, None);
}

pub async fn leases_are_never_more_than_the_total_however_many_ask_at_once(db: &Db) {
    let (total, most) = (16, AtomicUsize::new(0));
    let ask_again_and_again = async |place: usize| {
        let (name, store) = (worker(&format!("w{place}")), db.another_process().await);
        let mut share = 0;
        for turn in 0..12 {
            let calls = Calls {
                total,
                pending: (place * 7 + turn * 5) % 23,
                held: share,
                ..IDLE
            };
            let before = share;
            share = store.heartbeat(&name, calls).await.unwrap().share;
            // Given up before it is said so, taken after it was granted: as workers do.
            if share < before {
                most.fetch_sub(before - share, Ordering::SeqCst);
            } else {
                let now = most.fetch_add(share - before, Ordering::SeqCst) + share - before;
                assert!(now <= total, "{now} calls");
            }
        }
    };
    join_all((0..5).map(ask_again_and_again)).await;
    assert!(most.into_inner() > 0, "nobody got any");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_that_stalls_at_the_leases_makes_nobody_look_dead() {
    on_postgres(async |db| {
        asks(db, "w1", 0, 0).await;
        db.silence(&worker("w1")).await;
        let Raw::Postgres(pool) = &db.raw else {
            unreachable!("it is on PostgreSQL")
        };
        let mut stalled = pool.begin().await.unwrap();
        sqlx::query("SELECT pg_advisory_xact_lock('sync_workers'::regclass::oid::bigint)")
            .execute(&mut *stalled)
            .await
            .unwrap();
        let error = db.store.heartbeat(&worker("w1"), IDLE).await.unwrap_err();
        assert!(matches!(error, StoreError::Contention(_)), "{error}");
        assert_eq!(db.store.fleet().await.unwrap().len(), 1, "it lives");
        stalled.rollback().await.unwrap();
        assert_eq!(asks(db, "w1", 0, 96).await, (96, 1));
    })
    .await;
}
