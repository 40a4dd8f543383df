//! RabbitMQ's queue, for the conformance suite.

use std::sync::Arc;

use async_trait::async_trait;
use lapin::options::{BasicGetOptions, QueueDeclareOptions, QueueDeleteOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Connection, ConnectionProperties};
use queue::BrokerConfig;
use queue::amqp::AmqpQueue;
use queue::{Envelope, Queue, Topology};
use test_proxy::Proxy;
use url::Url;

use crate::conformance::conformance;
use crate::fixture::{Fixture, topology};

/// Queues of their own on the real broker, and a connection to look at them with.
pub struct Amqp {
    pub topology: Topology,
    queue: Arc<AmqpQueue>,
    admin: Connection,
}

pub fn broker_url() -> Url {
    let url = std::env::var("AMQP_URL").expect(
        "AMQP_URL is not set: these tests need RabbitMQ, and `eval \"$(scripts/services)\"` starts one",
    );
    Url::parse(&url).expect("AMQP_URL is no URL")
}

pub fn config(url: &Url, topology: &Topology) -> BrokerConfig {
    BrokerConfig {
        url: url.as_str().into(),
        topology: topology.clone(),
        authorities: None,
    }
}

impl Amqp {
    /// The names the queues must have.
    pub fn names(&self) -> Vec<String> {
        let of_lane = |lane: &str| {
            ["", ".retry.250ms", ".retry.1s", ".retry.4s"]
                .map(|suffix| format!("{}{lane}{suffix}", self.work()))
        };
        let dead = format!("{}.dead", self.work());
        [&of_lane("")[..], &of_lane(".urgent"), &[dead]].concat()
    }

    /// The name of the normal work queue, with which the others begin.
    pub fn work(&self) -> String {
        format!("{}.v2", self.topology.prefix)
    }

    /// A channel that is not the one of the queue under test.
    pub async fn channel(&self) -> Channel {
        self.admin.create_channel().await.unwrap()
    }

    pub async fn delete(&self, name: &str) {
        let deleted = QueueDeleteOptions::default();
        let channel = self.channel().await;
        channel.queue_delete(name.into(), deleted).await.unwrap();
    }

    pub async fn exists(&self, name: &str) -> bool {
        self.consumers(name).await.is_some()
    }

    /// How many consume from a queue, if it is there.
    pub async fn consumers(&self, name: &str) -> Option<u32> {
        let passive = QueueDeclareOptions::durable().passive();
        let channel = self.channel().await;
        let declared = channel.queue_declare(name.into(), passive, FieldTable::default());
        Some(declared.await.ok()?.consumer_count())
    }

    /// The same queues, reached through a proxy.
    pub async fn behind_proxy(&self) -> (AmqpQueue, Proxy) {
        let proxy = Proxy::to(broker_url().as_str(), 5672).await.unwrap();
        let url = proxy.url().parse().unwrap();
        let queue = AmqpQueue::connect(&config(&url, &self.topology))
            .await
            .unwrap();
        (queue, proxy)
    }
}

#[async_trait]
impl Fixture for Amqp {
    async fn new() -> Self {
        let (url, topology) = (broker_url(), topology());
        let queue = AmqpQueue::connect(&config(&url, &topology)).await.unwrap();
        let admin = Connection::connect(url.as_str(), ConnectionProperties::default())
            .await
            .unwrap();
        Self {
            topology,
            queue: Arc::new(queue),
            admin,
        }
    }

    fn queue(&self) -> Arc<dyn Queue> {
        self.queue.clone()
    }

    async fn dead(&self) -> Vec<Envelope> {
        let name = format!("{}.dead", self.work());
        let get = BasicGetOptions { no_ack: true };
        let channel = self.channel().await;
        let mut dead = Vec::new();
        while let Some(message) = channel.basic_get(name.as_str().into(), get).await.unwrap() {
            let headers = message.properties.headers().clone().unwrap_or_default();
            let header = |name| headers.inner().get(name);
            dead.push(Envelope {
                body: message.data.clone(),
                attempt: header("x-attempt").unwrap().as_long_uint().unwrap(),
                reason: header("x-reason")
                    .map(|reason| reason.as_long_string().unwrap().to_string()),
            });
        }
        dead
    }

    async fn clean(self) {
        for name in self.names() {
            self.delete(&name).await;
        }
    }
}

conformance!(Amqp);
