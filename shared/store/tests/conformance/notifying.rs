//! What is told once a day, and sent by one process at a time.

use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::failure::{Cause, FailureClass};
use domain::ledger::AttemptEnd;
use serde_json::json;
use store::{Channel, DueNotification, ErpWait, NewNotification, Store};

use crate::support::*;

const LEASE: Duration = Duration::from_secs(120);
const BOTH: [Channel; 2] = [Channel::Email, Channel::Webhook];

fn at(time: &str) -> DateTime<Utc> {
    format!("2026-11-23T{time}Z").parse().unwrap()
}

fn refused(day: &str) -> NewNotification {
    NewNotification {
        event: "sign-in-refused".to_owned(),
        about: String::new(),
        day: day.parse().unwrap(),
        run: None,
        facts: json!({"why": "401"}),
    }
}

async fn record(db: &Db, new: &NewNotification, now: DateTime<Utc>) -> bool {
    let recorded = db.store.record_notification(new, &BOTH, now).await;
    recorded.unwrap()
}

async fn take(store: &dyn Store, now: DateTime<Utc>) -> Option<DueNotification> {
    let taken = store.take_notification(Channel::Email, now, LEASE).await;
    taken.unwrap()
}

pub async fn an_event_is_told_once_a_day(db: &Db) {
    let now = at("08:00:00");
    let mut looks = Vec::new();
    for _ in 0..6 {
        let store = db.another_process().await;
        looks.push(tokio::spawn(async move {
            let new = refused("2026-11-23");
            store.record_notification(&new, &BOTH, now).await.unwrap()
        }));
    }
    let recorded = futures::future::try_join_all(looks).await.unwrap();
    assert_eq!(recorded.iter().filter(|recorded| **recorded).count(), 1);

    let over = NewNotification {
        event: "recovered".to_owned(),
        about: "sign-in-refused".to_owned(),
        ..refused("2026-11-23")
    };
    assert!(record(db, &over, at("09:00:00")).await);
    assert!(!record(db, &over, at("09:01:00")).await);
    let next = NewNotification {
        run: Some(run_id("a")),
        ..refused("2026-11-24")
    };
    assert!(record(db, &next, at("10:00:00")).await);

    let told = db.store.last_told().await.unwrap();
    let told: Vec<_> = told
        .iter()
        .map(|told| format!("{} {} {} {}", told.event, told.about, told.day, told.at))
        .collect();
    assert_eq!(
        told,
        [
            "recovered sign-in-refused 2026-11-23 2026-11-23 09:00:00 UTC",
            "sign-in-refused  2026-11-24 2026-11-23 10:00:00 UTC",
        ]
    );
    let listed = db.store.notifications(2).await.unwrap();
    let listed: Vec<_> = listed
        .iter()
        .map(|one| (one.event.as_str(), one.run.as_deref(), one.sends.len()))
        .collect();
    assert_eq!(
        listed,
        [("sign-in-refused", Some("a"), 2), ("recovered", None, 2)]
    );
}

pub async fn what_is_due_is_sent_by_one_at_a_time(db: &Db) {
    let now = at("08:00:00");
    assert_eq!(take(&*db.store, now).await, None);
    assert!(record(db, &refused("2026-11-23"), now).await);
    let mut takes = Vec::new();
    for _ in 0..6 {
        let store = db.another_process().await;
        takes.push(tokio::spawn(async move { take(&*store, now).await }));
    }
    let taken = futures::future::try_join_all(takes).await.unwrap();
    let taken: Vec<_> = taken.into_iter().flatten().collect();
    let [due] = &taken[..] else {
        panic!("{taken:?} were taken");
    };
    assert_eq!(due.tries, 1);
    assert_eq!(due.notification.facts, json!({"why": "401"}));
    assert_eq!(due.notification.created_at, now);

    // Whoever took it has died: another takes it when the lease is over.
    assert_eq!(take(&*db.store, at("08:01:59")).await, None);
    let again = take(&*db.store, at("08:02:00")).await.unwrap();
    assert_eq!(
        (again.notification.id, again.tries),
        (due.notification.id, 2)
    );
    let id = due.notification.id;
    let sent = at("08:02:01");
    db.store
        .notification_sent(id, Channel::Email, sent)
        .await
        .unwrap();
    assert_eq!(take(&*db.store, at("23:00:00")).await, None);

    // The other channel is not touched by all that, and a late report changes nothing.
    db.store
        .notification_failed(id, Channel::Email, "timed out", Some(at("09:00:00")))
        .await
        .unwrap();
    let listed = db.store.notifications(1).await.unwrap();
    let [email, webhook] = &listed[0].sends[..] else {
        panic!("{listed:?}");
    };
    assert_eq!((email.sent_at, email.next_try_at), (Some(sent), None));
    assert_eq!((email.tries, &email.problem), (2, &None));
    assert_eq!((webhook.sent_at, webhook.tries), (None, 0));
    assert_eq!(webhook.next_try_at, Some(now));
}

pub async fn what_fails_is_tried_again_until_it_is_given_up(db: &Db) {
    let now = at("08:00:00");
    assert!(record(db, &refused("2026-11-23"), now).await);
    let id = take(&*db.store, now).await.unwrap().notification.id;
    db.store
        .notification_failed(id, Channel::Email, "timed out", Some(at("08:05:00")))
        .await
        .unwrap();
    assert_eq!(take(&*db.store, at("08:04:59")).await, None);
    assert_eq!(take(&*db.store, at("08:05:00")).await.unwrap().tries, 2);
    db.store
        .notification_failed(id, Channel::Email, "refused", None)
        .await
        .unwrap();
    assert_eq!(take(&*db.store, at("23:00:00")).await, None);
    let listed = db.store.notifications(1).await.unwrap().remove(0);
    let email = &listed.sends[0];
    assert_eq!(email.problem.as_deref(), Some("refused"));
    assert_eq!((email.sent_at, email.next_try_at), (None, None));
}

pub async fn jobs_that_wait_for_the_erp_are_counted(db: &Db) {
    let long_ago = Utc::now() - TimeDelta::days(3);
    let wait = async || db.store.erp_wait(long_ago).await.unwrap();
    assert_eq!(wait().await, ErpWait::default());
    let away = AttemptEnd::Deferred {
        cause: Cause::new(FailureClass::ErpAway, "most-calls-fail", "away"),
        at: long_ago,
    };
    let begun = Utc::now() - TimeDelta::seconds(5);
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let attempt = granted(&*db.store, &job, "w").await.attempt;
    end(db, &attempt, away).await;
    let waiting = wait().await;
    assert_eq!((waiting.deferred, waiting.open), (1, 1));
    assert!(waiting.since.unwrap() > begun, "{waiting:?}");
    let later = Utc::now() + TimeDelta::minutes(1);
    assert_eq!(db.store.erp_wait(later).await.unwrap(), ErpWait::default());

    // Taken up again it waits no longer, and is over with its commit.
    let attempt = granted(&*db.store, &job, "w").await.attempt;
    let waiting = wait().await;
    assert_eq!(
        (waiting.deferred, waiting.since, waiting.open),
        (0, None, 1)
    );
    db.store
        .commit_empreendimento(&attempt, &result(&job.params, &[1], 1), &[])
        .await
        .unwrap();
    assert_eq!(wait().await, ErpWait::default());
}
