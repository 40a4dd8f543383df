//! RabbitMQ's queue when connections break, and when the broker falls silent.

use std::sync::Arc;

use queue::{Depths, Queue, QueueError};
use tokio::time::timeout;

use crate::amqp::Amqp;
use crate::fixture::{Fixture, with_fixture};
use crate::steps::{SOON, assert_depths, consume, next, publish, publish_error};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_in_hand_when_the_connection_broke_comes_again() {
    with_fixture(|fixture: Arc<Amqp>| async move {
        let (queue, proxy) = fixture.behind_proxy().await;
        publish(&*fixture.queue(), "one").await;
        publish(&*fixture.queue(), "two").await;
        let (mut deliveries, _stop) = consume(&queue, 2).await;
        let in_hand = next(&mut deliveries).await;
        // The second lies unread, and must not be delivered from the dead session.
        assert_depths(&*fixture.queue(), Depths::default()).await;
        proxy.down();
        timeout(SOON, in_hand.lost.cancelled()).await.unwrap();
        assert_eq!(in_hand.ack().await, Err(QueueError::DeliveryLost));
        proxy.up();
        let mut bodies = Vec::new();
        for _ in 0..2 {
            let again = next(&mut deliveries).await;
            assert!(again.redelivered);
            bodies.push(String::from_utf8(again.envelope.body.clone()).unwrap());
            again.ack().await.unwrap();
        }
        bodies.sort();
        assert_eq!(bodies, ["one", "two"]);
        assert_depths(&*fixture.queue(), Depths::default()).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_in_hand_after_stopping_is_lost_with_its_connection() {
    with_fixture(|fixture: Arc<Amqp>| async move {
        let (queue, proxy) = fixture.behind_proxy().await;
        publish(&*fixture.queue(), "one").await;
        let (mut deliveries, stop) = consume(&queue, 1).await;
        let in_hand = next(&mut deliveries).await;
        stop.cancel();
        assert!(deliveries.recv().await.is_none());
        proxy.down();
        timeout(SOON, in_hand.lost.cancelled()).await.unwrap();
        assert_eq!(in_hand.give_back().await, Err(QueueError::DeliveryLost));
        let (mut others, _stop) = consume(&*fixture.queue(), 1).await;
        next(&mut others).await.ack().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publishing_fails_during_an_outage_and_works_after_it() {
    with_fixture(|fixture: Arc<Amqp>| async move {
        let (queue, proxy) = fixture.behind_proxy().await;
        publish(&queue, "before").await;
        proxy.down();
        for _ in 0..2 {
            let error = publish_error(&queue).await;
            assert!(matches!(error, QueueError::Away(_)), "{error}");
        }
        assert!(queue.depths().await.is_err());
        proxy.up();
        publish(&queue, "after").await;
        let both = Depths {
            ready: 2,
            ..Depths::default()
        };
        assert_depths(&queue, both).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_falls_silent_is_away() {
    with_fixture(|fixture: Arc<Amqp>| async move {
        let (queue, proxy) = fixture.behind_proxy().await;
        publish(&queue, "before").await;
        proxy.silence();
        let error = publish_error(&queue).await;
        assert!(matches!(error, QueueError::Away(_)), "{error}");
        proxy.down();
        proxy.up();
        publish(&queue, "after").await;
    })
    .await;
}
