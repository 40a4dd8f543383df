//! RabbitMQ's queue when connections break, queues vanish, and the broker says no.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures::future::join_all;
use lapin::options::QueueDeclareOptions;
use lapin::types::{AMQPValue, FieldTable, LongString};
use queue::amqp::AmqpQueue;
use queue::{Depths, Destination, Queue, QueueError};
use tokio::time::timeout;
use url::Url;

use crate::amqp::{Amqp, broker_url, config};
use crate::conformance::{
    Bench, SOON, assert_depths, consume, envelope, next, publish, topology, with_bench,
};

/// Waits until the queue is consumed from (again). That it is there is not enough: RabbitMQ lists a
/// queue before it has started it, and refuses what is published until then.
async fn await_consumer(bench: &Amqp, name: &str) {
    let deadline = Instant::now() + SOON;
    while !matches!(bench.consumers(name).await, Some(1..)) {
        assert!(Instant::now() < deadline, "nobody consumes from {name}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

async fn connect_error(url: &Url) -> QueueError {
    AmqpQueue::connect(&config(url, &topology()))
        .await
        .err()
        .expect("connecting should fail")
}

async fn publish_error(queue: &dyn Queue) -> QueueError {
    timeout(SOON, queue.publish(Destination::Work, &envelope("lost")))
        .await
        .expect("publishing should fail in time")
        .expect_err("publishing should fail")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_was_in_hand_when_the_connection_broke_comes_again() {
    with_bench(|bench: Arc<Amqp>| async move {
        let (queue, proxy) = bench.behind_proxy().await;
        publish(&*bench.queue(), "one").await;
        publish(&*bench.queue(), "two").await;
        let (mut deliveries, _stop) = consume(&queue, 2).await;
        let in_hand = next(&mut deliveries).await;
        // The second lies unread, and must not be delivered from the dead session.
        assert_depths(&*bench.queue(), Depths::default()).await;
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
        assert_depths(&*bench.queue(), Depths::default()).await;
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_in_hand_after_stopping_is_lost_with_its_connection() {
    with_bench(|bench: Arc<Amqp>| async move {
        let (queue, proxy) = bench.behind_proxy().await;
        publish(&*bench.queue(), "one").await;
        let (mut deliveries, stop) = consume(&queue, 1).await;
        let in_hand = next(&mut deliveries).await;
        stop.cancel();
        assert!(deliveries.recv().await.is_none());
        proxy.down();
        timeout(SOON, in_hand.lost.cancelled()).await.unwrap();
        assert_eq!(in_hand.give_back().await, Err(QueueError::DeliveryLost));
        let (mut others, _stop) = consume(&*bench.queue(), 1).await;
        next(&mut others).await.ack().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn publishing_fails_during_an_outage_and_works_after_it() {
    with_bench(|bench: Arc<Amqp>| async move {
        let (queue, proxy) = bench.behind_proxy().await;
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
    with_bench(|bench: Arc<Amqp>| async move {
        let (queue, proxy) = bench.behind_proxy().await;
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

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_message_no_queue_takes_is_refused() {
    with_bench(|bench: Arc<Amqp>| async move {
        let queue = bench.queue();
        bench.delete(&bench.work()).await;
        let error = publish_error(&*queue).await;
        assert!(
            matches!(&error, QueueError::Refused(text) if text.contains(&bench.topology.prefix)),
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
    with_bench(|bench: Arc<Amqp>| async move {
        let queue = bench.queue();
        let to = |index| match index % 2 {
            0 => Destination::Work,
            _ => Destination::Dead,
        };
        // With a channel that is open already, those that share it show at once.
        publish(&*queue, "first").await;
        bench.delete(&format!("{}.dead", bench.work())).await;
        let message = envelope("many");
        let outcomes = join_all((0..60).map(|index| queue.publish(to(index), &message))).await;
        let taken = |wanted| {
            let taken =
                |(index, outcome): &(usize, &Result<_, _>)| to(*index) == wanted && outcome.is_ok();
            outcomes.iter().enumerate().filter(taken).count() as u64
        };
        assert_eq!(taken(Destination::Work), 30);
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
    with_bench(|bench: Arc<Amqp>| async move {
        let queue = bench.queue();
        publish(&*queue, "one").await;
        let (mut deliveries, _stop) = consume(&*queue, 1).await;
        let in_hand = next(&mut deliveries).await;
        bench.delete(&bench.work()).await;
        timeout(SOON, in_hand.lost.cancelled()).await.unwrap();
        await_consumer(&bench, &bench.work()).await;
        publish(&*queue, "two").await;
        let delivery = next(&mut deliveries).await;
        assert_eq!(delivery.envelope, envelope("two"));
        delivery.ack().await.unwrap();
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_queue_of_other_arguments_is_refused_by_name() {
    with_bench(|bench: Arc<Amqp>| async move {
        let name = format!("{}.retry.1s", bench.work());
        bench.delete(&name).await;
        let channel = bench.channel().await;
        let durable = QueueDeclareOptions::durable();
        channel
            .queue_declare(name.as_str().into(), durable, FieldTable::default())
            .await
            .unwrap();
        let config = config(&broker_url(), &bench.topology);
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
    with_bench(|bench: Arc<Amqp>| async move {
        let prefix = &bench.work();
        let dead = format!("{prefix}.dead");
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
            (dead.clone(), quorum(1_000_000_000), quorum(-1)),
        ] {
            for (arguments, accepted) in [(documented, true), (other, false)] {
                // A refusal closes the channel.
                let channel = bench.channel().await;
                let durable = QueueDeclareOptions::durable();
                let declared = channel.queue_declare(name.as_str().into(), durable, arguments);
                assert_eq!(declared.await.is_ok(), accepted, "{name}");
            }
        }
    })
    .await;
}

#[tokio::test]
async fn an_unreachable_broker_is_away_within_seconds() {
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    for scheme in ["amqp", "amqps"] {
        let url = format!("{scheme}://user:hunter2@127.0.0.1:{port}/%2f");
        let asked = Instant::now();
        let error = connect_error(&url.parse().unwrap()).await;
        assert!(matches!(error, QueueError::Away(_)), "{error}");
        assert!(asked.elapsed() < Duration::from_secs(7));
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert!(error.to_string().contains(&port.to_string()), "{error}");
    }
}

#[tokio::test]
async fn a_broker_that_speaks_no_tls_is_away() {
    let mut url = broker_url();
    let port = url.port().unwrap_or(5672);
    url = url
        .as_str()
        .replacen("amqp://", "amqps://", 1)
        .parse()
        .unwrap();
    url.set_port(Some(port)).unwrap();
    let error = connect_error(&url).await;
    assert!(matches!(error, QueueError::Away(_)), "{error}");
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_not_quoted() {
    let mut url = broker_url();
    url.set_password(Some("hunter2")).unwrap();
    let error = connect_error(&url).await;
    assert!(matches!(error, QueueError::Refused(_)), "{error}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}
