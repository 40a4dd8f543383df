//! The queues of the version before: what is in them is moved, counted and told.

use std::sync::Arc;
use std::time::Duration;

use lapin::BasicProperties;
use lapin::options::{BasicPublishOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable, LongString};
use queue::amqp::{AmqpQueue, diagnose};
use queue::{Depths, Queue as _};

use crate::amqp::{Amqp, broker_url, config};
use crate::fixture::{Fixture, with_fixture};
use crate::steps::{assert_depths, consume, next};

/// The queues as that version declared them, for the delays of these tests.
async fn declare(fixture: &Amqp) {
    let prefix = &fixture.topology.prefix;
    let text = |value: &str| AMQPValue::LongString(LongString::from(value));
    let lettering = |target: &str| {
        vec![
            ("x-queue-type", text("quorum")),
            ("x-dead-letter-exchange", text("")),
            ("x-dead-letter-routing-key", text(target)),
            ("x-dead-letter-strategy", text("at-least-once")),
            ("x-overflow", text("reject-publish")),
        ]
    };
    let dead = format!("{prefix}.dead");
    let limit = |value| ("x-delivery-limit", AMQPValue::LongLongInt(value));
    let mut queues = vec![(
        dead.clone(),
        vec![("x-queue-type", text("quorum")), limit(-1)],
    )];
    for delay in &fixture.topology.delays {
        let name = match delay.subsec_millis() {
            0 => format!("{prefix}.retry.{}s", delay.as_secs()),
            _ => format!("{prefix}.retry.{}ms", delay.as_millis()),
        };
        let ttl = AMQPValue::LongLongInt(delay.as_millis() as i64);
        let arguments = [lettering(prefix), vec![("x-message-ttl", ttl)]].concat();
        queues.push((name, arguments));
    }
    queues.push((prefix.clone(), [lettering(&dead), vec![limit(10)]].concat()));
    let channel = fixture.channel().await;
    for (name, arguments) in queues {
        let mut table = FieldTable::default();
        for (name, value) in arguments {
            table.insert(name.into(), value);
        }
        let durable = QueueDeclareOptions::durable();
        let declared = channel.queue_declare(name.as_str().into(), durable, table);
        declared.await.unwrap();
    }
}

/// Publishes as that version did, once the queue takes it.
async fn publish_to(fixture: &Amqp, suffix: &str, body: &str) {
    let name = format!("{}{suffix}", fixture.topology.prefix);
    let channel = fixture.channel().await;
    let mut headers = FieldTable::default();
    headers.insert("x-attempt".into(), AMQPValue::LongUInt(3));
    let properties = BasicProperties::default().with_headers(headers);
    channel
        .confirm_select(lapin::options::ConfirmSelectOptions::default())
        .await
        .unwrap();
    let mut ticks = tokio::time::interval(Duration::from_millis(50));
    loop {
        ticks.tick().await;
        let published = channel.basic_publish(
            "".into(),
            name.as_str().into(),
            BasicPublishOptions::default(),
            body.as_bytes(),
            properties.clone(),
        );
        // A quorum queue is listed before it runs, and refuses what is published in between.
        if published.await.unwrap().await.unwrap().is_ack() {
            return;
        }
    }
}

async fn delete(fixture: &Amqp) {
    for suffix in ["", ".retry.250ms", ".retry.1s", ".retry.4s", ".dead"] {
        fixture
            .delete(&format!("{}{suffix}", fixture.topology.prefix))
            .await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_an_earlier_version_left_is_moved_and_nothing_is_lost() {
    with_fixture(|fixture: Arc<Amqp>| async move {
        declare(&fixture).await;
        publish_to(&fixture, "", "ready").await;
        publish_to(&fixture, ".retry.250ms", "delayed").await;
        publish_to(&fixture, ".dead", "dead").await;
        let url = broker_url();
        let queue = AmqpQueue::connect(&config(&url, &fixture.topology))
            .await
            .unwrap();
        // A look at what is where counts both.
        assert_eq!(queue.depths().await.unwrap().dead, 1);

        let (mut deliveries, stop) = consume(&queue, 2).await;
        let mut bodies = Vec::new();
        for _ in 0..2 {
            let delivery = next(&mut deliveries).await;
            assert_eq!(delivery.envelope.attempt, 3, "it keeps its count");
            bodies.push(String::from_utf8(delivery.envelope.body.clone()).unwrap());
            delivery.ack().await.unwrap();
        }
        bodies.sort();
        assert_eq!(bodies, ["delayed", "ready"]);
        // An older producer goes on to publish there.
        publish_to(&fixture, "", "late").await;
        let late = next(&mut deliveries).await;
        assert_eq!(late.envelope.body, b"late");
        late.ack().await.unwrap();
        stop.cancel();

        let one_dead = Depths {
            dead: 1,
            ..Depths::default()
        };
        assert_depths(&queue, one_dead).await;
        let told = diagnose(&config(&url, &fixture.topology)).await.unwrap();
        // The last message of the work queue is acknowledged after its move: a stop in between leaves
        // it there as well, and it comes twice.
        let held: Vec<_> = told
            .earlier
            .iter()
            .filter(|(queue, messages)| *messages > 0 && *queue != fixture.topology.prefix)
            .collect();
        assert_eq!(held, [&(format!("{}.dead", fixture.topology.prefix), 1)]);
        assert_eq!(told.earlier.len(), 5);
        delete(&fixture).await;
        let told = diagnose(&config(&url, &fixture.topology)).await.unwrap();
        assert_eq!(told.earlier, []);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_new_installation_has_no_earlier_queues() {
    with_fixture(|fixture: Arc<Amqp>| async move {
        let (_deliveries, _stop) = consume(&*fixture.queue(), 1).await;
        assert!(!fixture.exists(&fixture.topology.prefix).await);
        let told = diagnose(&config(&broker_url(), &fixture.topology))
            .await
            .unwrap();
        assert_eq!(told.earlier, []);
    })
    .await;
}
