//! RabbitMQ's queue when the broker's queues are missing, or others than it declares.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use lapin::options::QueueDeclareOptions;
use lapin::types::{AMQPValue, FieldTable, LongString};
use queue::amqp::AmqpQueue;
use queue::{Depths, Destination, Lane, QueueError};
use tokio::time::timeout;

use crate::amqp::{Amqp, broker_url, config};
use crate::fixture::{Fixture, with_fixture};
use crate::steps::{SOON, assert_depths, consume, envelope, next, publish, publish_error};

/// Waits until the queue is consumed from (again). That it is there is not enough: RabbitMQ lists a
/// queue before it has started it, and refuses what is published until then.
async fn await_consumer(fixture: &Amqp, name: &str) {
    let deadline = Instant::now() + SOON;
    while !matches!(fixture.consumers(name).await, Some(1..)) {
        assert!(Instant::now() < deadline, "nobody consumes from {name}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_no_queue_takes_is_refused() {
    with_fixture(|fixture: Arc<Amqp>| async move {
        let queue = fixture.queue();
        fixture.delete(&fixture.work()).await;
        let error = publish_error(&*queue).await;
        assert!(
            matches!(&error, QueueError::Refused(text) if text.contains(&fixture.topology.prefix)),
            "{error}"
        );
        publish(&*queue, "declared again").await;
        let one = Depths {
            ready: 1,
            ..Depths::default()
        };
        assert_depths(&*queue, one).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_many_publishes_at_once_none_succeeds_for_another() {
    with_fixture(|fixture: Arc<Amqp>| async move {
        let queue = fixture.queue();
        let to = |index| match index % 2 {
            0 => Destination::Work(Lane::Normal),
            _ => Destination::Dead,
        };
        // With a channel that is open already, those that share it show at once.
        publish(&*queue, "first").await;
        fixture.delete(&format!("{}.dead", fixture.work())).await;
        let message = envelope("many");
        let outcomes = join_all((0..60).map(|index| queue.publish(to(index), &message))).await;
        let taken = |wanted| {
            let taken =
                |(index, outcome): &(usize, &Result<_, _>)| to(*index) == wanted && outcome.is_ok();
            outcomes.iter().enumerate().filter(taken).count() as u64
        };
        assert_eq!(taken(Destination::Work(Lane::Normal)), 30);
        assert!(taken(Destination::Dead) < 30, "the first had nowhere to go");
        let expected = Depths {
            ready: 32,
            delayed: 0,
            dead: taken(Destination::Dead),
        };
        publish(&*queue, "declares what is missing").await;
        assert_depths(&*queue, expected).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consuming_goes_on_after_the_queue_was_deleted() {
    with_fixture(|fixture: Arc<Amqp>| async move {
        let queue = fixture.queue();
        publish(&*queue, "one").await;
        let (mut deliveries, _stop) = consume(&*queue, 1).await;
        let in_hand = next(&mut deliveries).await;
        fixture.delete(&fixture.work()).await;
        timeout(SOON, in_hand.lost.cancelled()).await.unwrap();
        await_consumer(&fixture, &fixture.work()).await;
        publish(&*queue, "two").await;
        let delivery = next(&mut deliveries).await;
        assert_eq!(delivery.envelope, envelope("two"));
        delivery.ack().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_of_other_arguments_is_refused_by_name() {
    with_fixture(|fixture: Arc<Amqp>| async move {
        let name = format!("{}.retry.1s", fixture.work());
        fixture.delete(&name).await;
        let channel = fixture.channel().await;
        let durable = QueueDeclareOptions::durable();
        channel
            .queue_declare(name.as_str().into(), durable, FieldTable::default())
            .await
            .unwrap();
        let config = config(&broker_url(), &fixture.topology);
        let error = AmqpQueue::connect(&config).await.err().unwrap();
        assert!(
            matches!(&error, QueueError::Refused(text) if text.contains(&name)),
            "{error}"
        );
    })
    .await;
}

fn arguments(named: &[(&str, AMQPValue)]) -> FieldTable {
    let mut table = FieldTable::default();
    for (name, value) in named {
        table.insert((*name).into(), value.clone());
    }
    table
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_queues_have_the_documented_arguments() {
    with_fixture(|fixture: Arc<Amqp>| async move {
        let prefix = &fixture.work();
        let dead = format!("{prefix}.dead");
        let urgent = format!("{prefix}.urgent");
        let text = |value: &str| AMQPValue::LongString(LongString::from(value));
        let lettering = |target: &str, last: (&'static str, i32)| {
            arguments(&[
                ("x-queue-type", text("quorum")),
                ("x-dead-letter-exchange", text("")),
                ("x-dead-letter-routing-key", text(target)),
                ("x-dead-letter-strategy", text("at-least-once")),
                ("x-overflow", text("reject-publish")),
                (last.0, AMQPValue::LongInt(last.1)),
            ])
        };
        let quorum = |limit| {
            arguments(&[
                ("x-queue-type", text("quorum")),
                ("x-delivery-limit", AMQPValue::LongInt(limit)),
            ])
        };
        for (name, documented, other) in [
            (
                prefix.clone(),
                lettering(&dead, ("x-delivery-limit", 1_000_000_000)),
                lettering(&dead, ("x-delivery-limit", 10)),
            ),
            (
                format!("{prefix}.retry.250ms"),
                lettering(prefix, ("x-message-ttl", 250)),
                lettering(prefix, ("x-message-ttl", 251)),
            ),
            (
                urgent.clone(),
                lettering(&dead, ("x-delivery-limit", 1_000_000_000)),
                lettering(&dead, ("x-delivery-limit", 10)),
            ),
            (
                format!("{urgent}.retry.250ms"),
                lettering(&urgent, ("x-message-ttl", 250)),
                lettering(prefix, ("x-message-ttl", 250)),
            ),
            (dead.clone(), quorum(1_000_000_000), quorum(-1)),
        ] {
            for (arguments, accepted) in [(documented, true), (other, false)] {
                // A refusal closes the channel.
                let channel = fixture.channel().await;
                let durable = QueueDeclareOptions::durable();
                let declared = channel.queue_declare(name.as_str().into(), durable, arguments);
                assert_eq!(declared.await.is_ok(), accepted, "{name}");
            }
        }
    })
    .await;
}
