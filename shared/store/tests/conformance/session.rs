//! One session for the fleet, renewed by one at a time.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::session::Token;
use secrecy::ExposeSecret as _;

use crate::support::*;

const LEASE: Duration = Duration::from_secs(30);

fn token(access: &str) -> Token {
    let expires_at: DateTime<Utc> = "2026-11-23T12:00:00Z".parse().unwrap();
    Token {
        access: access.to_owned().into(),
        expires_at,
        refresh: Some("refresh".to_owned().into()),
        refresh_expires_at: Some(expires_at),
    }
}

async fn access(db: &Db) -> (i64, Option<String>) {
    let session = db.store.session().await.unwrap();
    let access = session
        .token
        .map(|token| token.access.expose_secret().to_owned());
    (session.version, access)
}

pub async fn one_at_a_time_renews(db: &Db) {
    assert_eq!(access(db).await, (0, None));
    let mut holders = Vec::new();
    for n in 0..8 {
        let store = db.another_process().await;
        holders.push(tokio::spawn(async move {
            let holder = format!("w{n}");
            store
                .begin_renewal(&holder, 0, LEASE)
                .await
                .unwrap()
                .then_some(holder)
        }));
    }
    let begun = futures::future::try_join_all(holders).await.unwrap();
    let begun: Vec<_> = begun.into_iter().flatten().collect();
    let [holder] = &begun[..] else {
        panic!("{begun:?} renew at once");
    };
    db.store.renewed(holder, &token("first")).await.unwrap();
    assert_eq!(access(db).await, (1, Some("first".to_owned())));
    let session = db.store.session().await.unwrap().token.unwrap();
    let sent = token("first");
    assert_eq!(session.expires_at, sent.expires_at);
    assert_eq!(session.refresh_expires_at, sent.refresh_expires_at);
    assert_eq!(session.refresh.unwrap().expose_secret(), "refresh");

    // Who still sees version 0 need not renew; who sees 1 may, after a failure too.
    assert!(!db.store.begin_renewal("late", 0, LEASE).await.unwrap());
    assert!(db.store.begin_renewal("w1", 1, LEASE).await.unwrap());
    assert!(!db.store.begin_renewal("w2", 1, LEASE).await.unwrap());
    db.store.renewal_failed("w2").await.unwrap();
    assert!(!db.store.begin_renewal("w2", 1, LEASE).await.unwrap());
    db.store.renewal_failed("w1").await.unwrap();
    assert!(db.store.begin_renewal("w2", 1, LEASE).await.unwrap());
}

pub async fn a_lease_ends(db: &Db) {
    assert!(
        db.store
            .begin_renewal("w1", 0, Duration::ZERO)
            .await
            .unwrap()
    );
    assert!(db.store.begin_renewal("w2", 0, LEASE).await.unwrap());
}

pub async fn a_late_holder_overwrites_nothing(db: &Db) {
    assert!(
        db.store
            .begin_renewal("w1", 0, Duration::ZERO)
            .await
            .unwrap()
    );
    assert!(db.store.begin_renewal("w2", 0, LEASE).await.unwrap());
    db.store.renewed("w1", &token("late")).await.unwrap();
    assert_eq!(access(db).await, (0, None));
    db.store.renewed("w2", &token("current")).await.unwrap();
    assert_eq!(access(db).await, (1, Some("current".to_owned())));
}

pub async fn a_refusal_stops_everyone_until_lifted(db: &Db) {
    assert!(!db.store.lift_refusal("ana@office").await.unwrap());
    assert!(db.store.begin_renewal("w1", 0, LEASE).await.unwrap());
    db.store
        .refused("w1", "403 with a body of 12 bytes")
        .await
        .unwrap();
    let refusal = db.store.session().await.unwrap().refused.unwrap();
    assert_eq!(refusal.why, "403 with a body of 12 bytes");
    for version in [0, 1] {
        assert!(!db.store.begin_renewal("w2", version, LEASE).await.unwrap());
    }
    assert!(db.store.lift_refusal("ana@office").await.unwrap());
    assert_eq!(db.store.session().await.unwrap().refused, None);
    assert!(db.store.begin_renewal("w2", 0, LEASE).await.unwrap());
}
