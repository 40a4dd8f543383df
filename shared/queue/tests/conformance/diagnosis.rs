//! What a broker says about its queues, and that asking leaves them as they are.

use std::time::Duration;

use lapin::options::QueueDeclareOptions;
use lapin::types::FieldTable;
use queue::BrokerConfig;
use queue::amqp::{Diagnosis, QueueState, diagnose};
use queue::{Depths, Destination, Envelope, Lane, QueueError, Topology};

use crate::amqp::{Amqp, broker_url, config};
use crate::fixture::{Fixture as _, with_fixture};

async fn asked(topology: &Topology) -> Diagnosis {
    diagnose(&config(&broker_url(), topology)).await.unwrap()
}

fn state_of<'a>(told: &'a Diagnosis, name: &str) -> &'a QueueState {
    let found = told.queues.iter().find(|(queue, _)| queue == name);
    &found.expect("a queue of the topology").1
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broker_in_order_is_told_as_such() {
    with_fixture(|fixture: std::sync::Arc<Amqp>| async move {
        let message = Envelope {
            body: b"{}".to_vec(),
            attempt: 0,
            reason: None,
        };
        let queue = fixture.queue();
        queue
            .publish(Destination::Work(Lane::Normal), &message)
            .await
            .unwrap();
        queue.publish(Destination::Dead, &message).await.unwrap();

        let told = asked(&fixture.topology).await;
        let (product, version) = told.product.clone().unwrap();
        assert_eq!(product, "RabbitMQ");
        assert!(version.contains('.'), "{version}");
        assert_eq!(told.queues.len(), fixture.names().len());
        for name in fixture.names() {
            assert_eq!(*state_of(&told, &name), QueueState::Declared, "{name}");
        }
        let waiting = Depths {
            ready: 1,
            delayed: 0,
            dead: 1,
        };
        assert_eq!(told.depths, Some(waiting));
        let took = told.dead_lettering.unwrap();
        assert!(took < Duration::from_secs(10), "{took:?}");
        assert_eq!(queue.depths().await.unwrap(), waiting, "none was touched");
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_queue_is_told_and_stays_missing() {
    with_fixture(|fixture: std::sync::Arc<Amqp>| async move {
        let dead = format!("{}.dead", fixture.work());
        fixture.delete(&dead).await;
        let told = asked(&fixture.topology).await;
        assert_eq!(*state_of(&told, &dead), QueueState::Missing);
        let work = state_of(&told, &fixture.work());
        assert_eq!((work, told.depths), (&QueueState::Declared, None));
        assert!(!fixture.exists(&dead).await);
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_queue_with_other_arguments_is_told_with_what_differs() {
    with_fixture(|fixture: std::sync::Arc<Amqp>| async move {
        let dead = format!("{}.dead", fixture.work());
        fixture.delete(&dead).await;
        let durable = QueueDeclareOptions::durable();
        let classic = FieldTable::default();
        let channel = fixture.channel().await;
        channel
            .queue_declare(dead.as_str().into(), durable, classic)
            .await
            .unwrap();
        let told = asked(&fixture.topology).await;
        let QueueState::Different(why) = state_of(&told, &dead) else {
            panic!("{told:?}");
        };
        assert!(why.contains("x-queue-type") && why.contains(&dead), "{why}");
    })
    .await;
}

#[tokio::test]
async fn a_broker_that_is_not_there_and_a_wrong_password_are_told_apart() {
    let mut url = broker_url();
    url.set_password(Some("hunter2")).unwrap();
    let asked = async |url: &str| {
        let config = BrokerConfig {
            url: url.into(),
            topology: Topology::default(),
            authorities: None,
        };
        diagnose(&config).await.unwrap_err()
    };
    let refused = asked(url.as_str()).await;
    assert!(matches!(refused, QueueError::Refused(_)), "{refused}");
    assert!(!refused.to_string().contains("hunter2"), "{refused}");
    let away = asked("amqp://127.0.0.1:1").await;
    assert!(matches!(away, QueueError::Away(_)), "{away}");
}
