//! The suite: each test gets a queue of its own.

use std::time::{Duration, Instant};

use queue::{Deliveries, Depths, Destination, Envelope, Lane, Queue};
use tokio_util::sync::CancellationToken;

use crate::fixture::{DELAYS, Fixture};
pub use crate::lanes::{
    an_urgent_message_is_not_behind_the_others, depths_count_each_lane,
    what_comes_again_comes_in_its_lane,
};
use crate::steps::{assert_depths, assert_ended, assert_quiet, consume, envelope, next, publish};

macro_rules! conformance {
    ($fixture:ty) => {
        $crate::conformance::conformance!(
            $fixture: what_is_acknowledged_is_gone,
            what_is_dropped_comes_again,
            what_is_given_back_comes_again,
            no_more_than_the_prefetch_is_out_at_once,
            a_retry_waits_its_delay_and_keeps_what_is_known_of_it,
            the_dead_stay_dead_with_their_reason,
            stopping_gives_back_the_unread_and_leaves_what_is_in_hand,
            dropping_the_deliveries_stops_too,
            two_consumers_share_the_work,
            depths_tell_what_waits_where,
            a_body_is_any_bytes,
            an_urgent_message_is_not_behind_the_others,
            what_comes_again_comes_in_its_lane,
            depths_count_each_lane
        );
    };
    ($fixture:ty: $($test:ident),+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                $crate::fixture::with_fixture(|fixture: std::sync::Arc<$fixture>| async move {
                    $crate::conformance::$test(&*fixture).await;
                })
                .await;
            }
        )+
    };
}
pub(crate) use conformance;

async fn stop_and_assert_empty(
    queue: &dyn Queue,
    mut deliveries: Deliveries,
    stop: CancellationToken,
) {
    stop.cancel();
    assert_ended(&mut deliveries).await;
    assert_depths(queue, Depths::default()).await;
    let (mut again, _stop) = consume(queue, 1).await;
    assert_quiet(&mut again).await;
}

pub async fn what_is_acknowledged_is_gone(fixture: &impl Fixture) {
    let queue = fixture.queue();
    publish(&*queue, "one").await;
    let (mut deliveries, stop) = consume(&*queue, 1).await;
    let delivery = next(&mut deliveries).await;
    assert_eq!(delivery.envelope, envelope("one"));
    assert!(!delivery.redelivered);
    delivery.ack().await.unwrap();
    stop_and_assert_empty(&*queue, deliveries, stop).await;
}

pub async fn what_is_dropped_comes_again(fixture: &impl Fixture) {
    let queue = fixture.queue();
    publish(&*queue, "one").await;
    let (mut deliveries, stop) = consume(&*queue, 1).await;
    drop(next(&mut deliveries).await);
    let again = next(&mut deliveries).await;
    assert_eq!(again.envelope, envelope("one"));
    assert!(again.redelivered);
    again.ack().await.unwrap();
    stop_and_assert_empty(&*queue, deliveries, stop).await;
}

pub async fn what_is_given_back_comes_again(fixture: &impl Fixture) {
    let queue = fixture.queue();
    publish(&*queue, "one").await;
    let (mut deliveries, stop) = consume(&*queue, 1).await;
    next(&mut deliveries).await.give_back().await.unwrap();
    let again = next(&mut deliveries).await;
    assert_eq!(again.envelope, envelope("one"));
    assert!(again.redelivered);
    again.ack().await.unwrap();
    stop_and_assert_empty(&*queue, deliveries, stop).await;
}

pub async fn no_more_than_the_prefetch_is_out_at_once(fixture: &impl Fixture) {
    let queue = fixture.queue();
    for body in ["1", "2", "3", "4", "5"] {
        publish(&*queue, body).await;
    }
    let (mut deliveries, stop) = consume(&*queue, 2).await;
    let first = next(&mut deliveries).await;
    let second = next(&mut deliveries).await;
    assert_quiet(&mut deliveries).await;
    let ready = Depths {
        ready: 3,
        ..Depths::default()
    };
    assert_depths(&*queue, ready).await;
    first.ack().await.unwrap();
    let third = next(&mut deliveries).await;
    assert_quiet(&mut deliveries).await;
    for delivery in [second, third] {
        delivery.ack().await.unwrap();
    }
    for _ in 0..2 {
        next(&mut deliveries).await.ack().await.unwrap();
    }
    stop_and_assert_empty(&*queue, deliveries, stop).await;
}

pub async fn a_retry_waits_its_delay_and_keeps_what_is_known_of_it(fixture: &impl Fixture) {
    let queue = fixture.queue();
    let message = Envelope {
        attempt: 3,
        reason: Some("timeout: não respondeu".to_owned()),
        ..envelope("later")
    };
    let (mut deliveries, stop) = consume(&*queue, 10).await;
    for (wanted, least) in [
        (Duration::from_millis(1), DELAYS[0]),
        (Duration::from_millis(500), DELAYS[1]),
    ] {
        let published = Instant::now();
        queue
            .publish(Destination::Retry(Lane::Normal, wanted), &message)
            .await
            .unwrap();
        let delivery = next(&mut deliveries).await;
        assert!(
            published.elapsed() >= least,
            "{wanted:?} became {:?}",
            published.elapsed()
        );
        assert_eq!(delivery.envelope, message);
        delivery.ack().await.unwrap();
    }
    stop_and_assert_empty(&*queue, deliveries, stop).await;
}

pub async fn the_dead_stay_dead_with_their_reason(fixture: &impl Fixture) {
    let queue = fixture.queue();
    let message = Envelope {
        attempt: 5,
        reason: Some("unreadable message".to_owned()),
        ..envelope("poison")
    };
    let (mut deliveries, _stop) = consume(&*queue, 10).await;
    queue.publish(Destination::Dead, &message).await.unwrap();
    assert_quiet(&mut deliveries).await;
    let dead = Depths {
        dead: 1,
        ..Depths::default()
    };
    assert_depths(&*queue, dead).await;
    assert_eq!(fixture.dead().await, [message]);
}

pub async fn stopping_gives_back_the_unread_and_leaves_what_is_in_hand(fixture: &impl Fixture) {
    let queue = fixture.queue();
    for body in ["1", "2", "3"] {
        publish(&*queue, body).await;
    }
    let (mut deliveries, stop) = consume(&*queue, 3).await;
    let in_hand = next(&mut deliveries).await;
    assert_depths(&*queue, Depths::default()).await;
    stop.cancel();
    assert_ended(&mut deliveries).await;

    // The deliveries are still held here: giving back must not wait for that.
    let (mut others, other_stop) = consume(&*queue, 3).await;
    let mut bodies = Vec::new();
    for _ in 0..2 {
        let delivery = next(&mut others).await;
        assert!(delivery.redelivered);
        bodies.push(String::from_utf8(delivery.envelope.body.clone()).unwrap());
        delivery.ack().await.unwrap();
    }
    bodies.sort();
    assert_eq!(bodies, ["2", "3"]);
    assert_quiet(&mut others).await;

    assert!(!in_hand.lost.is_cancelled());
    in_hand.ack().await.unwrap();
    drop(deliveries);
    stop_and_assert_empty(&*queue, others, other_stop).await;
}

pub async fn dropping_the_deliveries_stops_too(fixture: &impl Fixture) {
    let queue = fixture.queue();
    publish(&*queue, "one").await;
    let (deliveries, stop) = consume(&*queue, 1).await;
    assert_depths(&*queue, Depths::default()).await;
    drop(deliveries);
    assert!(!stop.is_cancelled(), "the caller's token is the caller's");
    let (mut others, other_stop) = consume(&*queue, 1).await;
    next(&mut others).await.ack().await.unwrap();
    stop_and_assert_empty(&*queue, others, other_stop).await;
}

pub async fn two_consumers_share_the_work(fixture: &impl Fixture) {
    let queue = fixture.queue();
    let (mut one, _one_stop) = consume(&*queue, 1).await;
    let (mut two, _two_stop) = consume(&*queue, 1).await;
    publish(&*queue, "a").await;
    publish(&*queue, "b").await;
    let (first, second) = tokio::join!(next(&mut one), next(&mut two));
    assert_ne!(first.envelope, second.envelope);
    first.ack().await.unwrap();
    second.ack().await.unwrap();
    assert_depths(&*queue, Depths::default()).await;
}

pub async fn depths_tell_what_waits_where(fixture: &impl Fixture) {
    let queue = fixture.queue();
    assert_depths(&*queue, Depths::default()).await;
    let long = Destination::Retry(Lane::Normal, DELAYS[2]);
    queue.publish(long, &envelope("later")).await.unwrap();
    let delayed = Depths {
        delayed: 1,
        ..Depths::default()
    };
    assert_depths(&*queue, delayed).await;
    // Each delay's own queue is told apart, if only while it is in use.
    let waiting = queue.lengths().await.unwrap();
    let waiting = waiting.into_iter().filter(|(_, messages)| *messages > 0);
    assert_eq!(waiting.collect::<Vec<_>>(), [(long, 1)]);
    queue
        .publish(Destination::Dead, &envelope("dead"))
        .await
        .unwrap();
    publish(&*queue, "now").await;
    // By then the delayed message has become ready.
    let due = Depths {
        ready: 2,
        delayed: 0,
        dead: 1,
    };
    assert_depths(&*queue, due).await;
}

pub async fn a_body_is_any_bytes(fixture: &impl Fixture) {
    let queue = fixture.queue();
    let (mut deliveries, _stop) = consume(&*queue, 1).await;
    let every_byte: Vec<u8> = (0..=u8::MAX).cycle().take(300_000).collect();
    for body in [Vec::new(), b"\xff\xfe\0\xce".to_vec(), every_byte] {
        let message = Envelope {
            body,
            attempt: u32::MAX,
            reason: None,
        };
        queue
            .publish(Destination::Work(Lane::Normal), &message)
            .await
            .unwrap();
        let delivery = next(&mut deliveries).await;
        assert!(delivery.envelope == message);
        delivery.ack().await.unwrap();
    }
}
