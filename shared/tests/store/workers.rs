//! Who is alive, and how the fleet's calls are shared.

use futures::future::join_all;
use shared::fleet::Place;

use crate::support::*;

async fn place(db: &Db, name: &str) -> (u64, u64) {
    let Place { before, alive } = db.store.heartbeat(&worker(name)).await.unwrap();
    (before, alive)
}

pub async fn the_living_have_their_places(db: &Db) {
    assert_eq!(place(db, "w1").await, (0, 1));
    assert_eq!(place(db, "w2").await, (1, 2));
    assert_eq!(place(db, "w3").await, (2, 3));
    assert_eq!(place(db, "w1").await, (0, 3));

    // One that died makes room for the others.
    db.silence(&worker("w1")).await;
    assert_eq!(place(db, "w2").await, (0, 2));
    assert_eq!(place(db, "w3").await, (1, 2));
    // Had it only been silent, its place is its own again.
    assert_eq!(place(db, "w1").await, (0, 3));
    assert_eq!(place(db, "w3").await, (2, 3));

    db.store.worker_stopped(&worker("w2")).await.unwrap();
    assert_eq!(place(db, "w3").await, (1, 2));
}

pub async fn a_share_is_known_for_each_of_a_crowd(db: &Db) {
    let names: Vec<_> = (0..7).map(|index| worker(&format!("w{index}"))).collect();
    // The first beats register them, in any order and at once.
    let beat = || join_all(names.iter().map(|name| db.store.heartbeat(name)));
    beat().await;
    for total in [1, 7, 16, 96] {
        let places = beat().await;
        let shares = places
            .into_iter()
            .map(|place| place.unwrap().share_of(total));
        assert_eq!(shares.sum::<usize>(), total);
    }
}
