//! What the suite says of urgent messages.

use queue::{Depths, Destination, Lane};

use crate::fixture::{DELAYS, Fixture};
use crate::steps::{assert_depths, assert_quiet, consume, consume_lane, envelope, next, publish};

const URGENT: Destination = Destination::Work(Lane::Urgent);

pub async fn an_urgent_message_is_not_behind_the_others(fixture: &impl Fixture) {
    let queue = fixture.queue();
    for body in ["1", "2", "3"] {
        publish(&*queue, body).await;
    }
    let (mut normal, _stop) = consume(&*queue, 1).await;
    let in_hand = next(&mut normal).await;
    assert_eq!(in_hand.lane, Lane::Normal);
    queue.publish(URGENT, &envelope("urgent")).await.unwrap();
    let (mut urgent, _urgent_stop) = consume_lane(&*queue, Lane::Urgent, 1).await;
    let delivery = next(&mut urgent).await;
    assert_eq!(delivery.envelope, envelope("urgent"));
    assert_eq!(delivery.lane, Lane::Urgent);
    delivery.ack().await.unwrap();

    // The others are where they were, in their order.
    assert_quiet(&mut urgent).await;
    in_hand.ack().await.unwrap();
    for body in ["2", "3"] {
        let delivery = next(&mut normal).await;
        assert_eq!(delivery.envelope, envelope(body));
        delivery.ack().await.unwrap();
    }
    assert_depths(&*queue, Depths::default()).await;
}

pub async fn what_comes_again_comes_in_its_lane(fixture: &impl Fixture) {
    let queue = fixture.queue();
    let (mut normal, _stop) = consume(&*queue, 1).await;
    let (mut urgent, _urgent_stop) = consume_lane(&*queue, Lane::Urgent, 1).await;
    let retry = Destination::Retry(Lane::Urgent, DELAYS[0]);
    queue.publish(retry, &envelope("again")).await.unwrap();
    drop(next(&mut urgent).await);
    let again = next(&mut urgent).await;
    assert!(again.redelivered);
    assert_eq!(again.envelope, envelope("again"));
    assert_eq!(again.lane, Lane::Urgent);
    again.ack().await.unwrap();
    assert_quiet(&mut normal).await;
}

pub async fn depths_count_each_lane(fixture: &impl Fixture) {
    let queue = fixture.queue();
    let later = Destination::Retry(Lane::Urgent, DELAYS[2]);
    for to in [URGENT, later] {
        queue.publish(to, &envelope("urgent")).await.unwrap();
    }
    let both = Depths {
        ready: 1,
        delayed: 1,
        dead: 0,
    };
    assert_depths(&*queue, both).await;
    let mut lengths = queue.lengths().await.unwrap();
    lengths.retain(|(_, messages)| *messages > 0);
    assert_eq!(lengths, [(URGENT, 1), (later, 1)]);
    // By then the delayed message has become ready.
    let due = Depths {
        ready: 2,
        ..Depths::default()
    };
    assert_depths(&*queue, due).await;
}
