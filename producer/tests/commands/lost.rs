//! Messages that the broker confirmed and lost.

use std::time::Duration;

use domain::job::JobMessage;
use domain::ledger::{Claim, WorkerId};
use producer::publish::{QUIET, Reconciled, reconcile};

use crate::fixture::{Broker, Fixture, target};

fn targets(reconciled: Reconciled) -> String {
    let Reconciled::Lost(messages) = reconciled else {
        panic!("{reconciled:?}");
    };
    let targets: Vec<_> = messages.iter().map(|job| job.target.to_string()).collect();
    targets.join(" ")
}

#[tokio::test]
async fn what_was_published_just_now_is_on_its_way() {
    let (mut fixture, broker) = (Fixture::new().await, Broker::new());
    fixture.backfill(&broker).await.unwrap();
    broker.take();
    fixture.resume(&broker).await.unwrap();
    assert_eq!(broker.take(), "");
    let nothing = "nothing was left to publish";
    assert!(fixture.err().contains(nothing), "{}", fixture.err());
}

#[tokio::test]
async fn a_queue_that_still_holds_messages_is_left_alone() {
    let (mut fixture, broker) = (Fixture::new().await, Broker::new());
    let run = fixture.backfill(&broker).await.unwrap().unwrap();
    fixture.age(&run).await;
    fixture.resume(&broker).await.unwrap();
    let told = "4 messages are still in the queue; published messages are not published again";
    assert!(fixture.err().contains(told), "{}", fixture.err());
    assert!(fixture.err().contains("hint: start a worker"));
    assert_eq!(broker.take(), "saidas-caixa 3 5 7", "and none twice");
}

#[tokio::test]
async fn an_empty_queue_is_filled_with_what_nobody_has_and_only_once() {
    let (mut fixture, broker) = (Fixture::new().await, Broker::new());
    let run = fixture.backfill(&broker).await.unwrap().unwrap();
    broker.take();
    fixture.fail(&run, target(5)).await;
    let job = fixture.store.unfinished(&run, true).await.unwrap();
    let job: &JobMessage = job.iter().find(|job| job.target == target(3)).unwrap();
    let claim = fixture.store.claim(job, &WorkerId::named("alive")).await;
    assert!(matches!(claim, Ok(Claim::Granted(_))));
    fixture.age(&run).await;

    let look = || reconcile(&*fixture.store, &broker, &run, Duration::ZERO);
    assert_eq!(targets(look().await.unwrap()), "saidas-caixa 7");
    assert_eq!(
        look().await.unwrap(),
        Reconciled::NothingLost,
        "another has them"
    );
    // The one that took them died before it published.
    fixture.age(&run).await;
    assert_eq!(targets(look().await.unwrap()), "saidas-caixa 7");
}

#[tokio::test]
async fn resume_publishes_what_was_lost_along_with_what_never_left() {
    let (mut fixture, broker) = (Fixture::new().await, Broker::new());
    let half = Broker::leaving_after(2);
    fixture.backfill(&half).await.unwrap_err();
    let run = fixture.store.run(None).await.unwrap().unwrap().id;
    fixture.age(&run).await;
    fixture.resume(&broker).await.unwrap();
    assert_eq!(broker.take(), "saidas-caixa 3 5 7");
    let told = "2 messages published, 2 messages lost by the broker published again";
    assert!(fixture.err().contains(told), "{}", fixture.err());
    assert!(QUIET > Duration::from_secs(60));
}
