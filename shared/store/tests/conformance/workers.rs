//! Who is alive, and how the fleet's calls are shared.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use domain::fleet::Calls;
use futures::future::join_all;
use store::StoreError;

use crate::support::*;

/// A heartbeat of one of a fleet that may make 96 calls; its share, and how many workers live.
async fn asks(db: &Db, name: &str, wanted: usize, held: usize) -> (usize, usize) {
    let calls = Calls {
        wanted,
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

pub async fn an_outage_of_the_database_gives_nobodys_calls_away(db: &Db) {
    asks(db, "w1", 0, 0).await;
    asks(db, "w2", 0, 0).await;
    asks(db, "w1", 0, 48).await;
    assert_eq!(asks(db, "w2", 0, 0).await, (48, 2));
    db.silence(&worker("w1")).await;
    db.silence(&worker("w2")).await;
    let after_years = Calls {
        patience: Duration::from_secs(50 * 365 * 86_400),
        held: 48,
        ..IDLE
    };
    let lease = db.store.heartbeat(&worker("w2"), after_years).await;
    let lease = lease.unwrap();
    assert_eq!((lease.share, lease.workers), (48, 2));
    assert_eq!(asks(db, "w2", 0, 48).await, (96, 1), "not heard of since");
}

pub async fn equal_parts_stay_while_nobody_has_a_place_free(db: &Db) {
    let asks = async |name: &str, wanted, more_to_come| {
        let calls = Calls {
            wanted,
            more_to_come,
            held: 48,
            ..IDLE
        };
        let lease = db.store.heartbeat(&worker(name), calls).await.unwrap();
        (lease.share, lease.moving)
    };
    for name in ["w1", "w2", "w1", "w2"] {
        asks(name, 0, false).await;
    }
    assert_eq!(asks("w1", 5, true).await, (48, false));
    assert_eq!(asks("w2", 200, true).await, (48, false));
    assert_eq!(asks("w1", 5, true).await, (48, false));
    // The queue is empty: what is to be done is what is in hand.
    assert_eq!(asks("w2", 200, false).await, (48, true));
    assert_eq!(asks("w1", 5, true).await, (3, true));
}

pub async fn a_build_that_knows_no_leases_takes_an_equal_part(db: &Db) {
    db.execute(
        "INSERT INTO sync_workers (id, started_at, heartbeat_at)
         VALUES ('older', '2020-01-01T00:00:00+00:00', '2100-01-01T00:00:00+00:00')",
    )
    .await;
    assert_eq!(asks(db, "w1", 500, 0).await, (48, 2));
    let one_at_a_time = Calls {
        total: 1,
        wanted: 1,
        ..IDLE
    };
    let lease = db.store.heartbeat(&worker("w2"), one_at_a_time).await;
    assert_eq!(lease.unwrap().share, 0);
}

pub async fn leases_are_never_more_than_the_total_however_many_ask_at_once(db: &Db) {
    let (total, most) = (16, AtomicUsize::new(0));
    let ask_again_and_again = async |place: usize| {
        let (name, store) = (worker(&format!("w{place}")), db.another_process().await);
        let mut share = 0;
        for turn in 0..12 {
            let calls = Calls {
                total,
                wanted: (place * 7 + turn * 5) % 23,
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
