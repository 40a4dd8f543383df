//! A fleet's queues, and what is in them.

use anyhow::{Context as _, bail};
use lapin::options::{BasicGetOptions, QueueDeleteOptions};
use lapin::types::AMQPValue;
use lapin::{Channel, Connection, ConnectionProperties};
use queue::BrokerConfig;
use queue::amqp::AmqpQueue;
use queue::{Depths, Queue as _};
use runtime::environment::Source;

use super::Fleet;
use crate::wait;

/// Looks in a row, a twentieth of a second apart, that find the queues empty: the broker does not
/// count what a worker has in hand, which comes back within the longest of a test's delays.
const EMPTY_LOOKS: u32 = 24;

impl Fleet {
    /// Messages in this fleet's queues, as the broker counts them.
    pub async fn depths(&self) -> anyhow::Result<Depths> {
        Ok(self.broker().await?.depths().await?)
    }

    /// The reasons of the first `count` dead messages. They stay dead.
    pub async fn dead_reasons(&self, count: usize) -> anyhow::Result<Vec<String>> {
        let channel = self.channel().await?;
        let mut reasons = Vec::new();
        for _ in 0..count {
            let dead = format!("{}.dead", self.work_queue());
            let options = BasicGetOptions { no_ack: false };
            let message = channel
                .basic_get(dead.into(), options)
                .await?
                .context("no dead message")?;
            let headers = message
                .delivery
                .properties
                .headers()
                .clone()
                .unwrap_or_default();
            match headers.inner().get("x-reason") {
                Some(AMQPValue::LongString(reason)) => reasons.push(reason.to_string()),
                other => bail!("a dead message whose reason is {other:?}"),
            }
        }
        Ok(reasons)
    }

    /// Waits for a message in the work queue and takes it: its body, and how often it was tried.
    pub async fn message_comes(&self) -> anyhow::Result<(Vec<u8>, u32)> {
        let channel = self.channel().await?;
        let message = wait::found("a message in the work queue", async || {
            let options = BasicGetOptions { no_ack: true };
            let queue = self.work_queue().into();
            Ok(channel.basic_get(queue, options).await?)
        })
        .await?;
        let headers = message.delivery.properties.headers().as_ref();
        let attempt = headers.and_then(|headers| headers.inner().get("x-attempt"));
        let attempt = attempt.and_then(AMQPValue::as_long_uint);
        Ok((message.delivery.data, attempt.context("no attempt")?))
    }

    /// Waits until nothing is ready or delayed, and nothing comes back.
    pub async fn until_drained(&self) -> anyhow::Result<()> {
        let broker = self.broker().await?;
        let mut empty_looks = 0;
        wait::until("the queues are empty", async || {
            let depths = broker.depths().await?;
            let empty = depths.ready + depths.delayed == 0;
            empty_looks = if empty { empty_looks + 1 } else { 0 };
            Ok(empty_looks >= EMPTY_LOOKS)
        })
        .await
    }

    /// A connection to this fleet's queues.
    pub async fn broker(&self) -> anyhow::Result<AmqpQueue> {
        let mut source = Source::of(|name| self.variable(name));
        let broker = BrokerConfig::read(&mut source);
        let broker = source.finish(broker)?;
        Ok(AmqpQueue::connect(&broker).await?)
    }

    async fn channel(&self) -> anyhow::Result<Channel> {
        let url = self.variable("AMQP_URL").context("a fleet has a broker")?;
        let connection = Connection::connect(&url, ConnectionProperties::default()).await?;
        Ok(connection.create_channel().await?)
    }

    /// Removes the database and the queues. A test that fails leaves them, to be looked at.
    pub async fn remove(self) -> anyhow::Result<()> {
        let channel = self.channel().await?;
        let delays = self
            .variable("MEGA_SYNC_RETRY_DELAYS")
            .context("a fleet has delays")?;
        let work = self.work_queue();
        let mut queues = vec![format!("{work}.dead")];
        for lane in [work.clone(), format!("{work}.urgent")] {
            let retries = delays
                .split(',')
                .map(|delay| format!("{lane}.retry.{delay}"));
            queues.extend(retries);
            queues.push(lane);
        }
        for queue in queues {
            channel
                .queue_delete(queue.into(), QueueDeleteOptions::default())
                .await?;
        }
        self.remove_database().await
    }
}
