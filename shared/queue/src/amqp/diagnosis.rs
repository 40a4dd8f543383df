//! How a broker stands: which it is, whether its queues are the declared ones, and whether a
//! message that expires really gets to where its queue says.

use std::time::{Duration, Instant};

use futures::StreamExt as _;
use lapin::options::{
    BasicConsumeOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions,
    QueueDeleteOptions,
};
use lapin::protocol::AMQPSoftError;
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Confirmation, Connection};

use super::broker::{Broker, answer, soft_error, told};
use super::earlier;
use super::greeting::{Product, greeting};
use super::topology::{dead_lettering_to, declarations, lengths};
use crate::BrokerConfig;
use crate::{Depths, QueueError, Topology};

/// How long the probe's message lives.
const PROBE_LIFE: Duration = Duration::from_millis(100);
/// How long it may take to arrive after that.
const PROBE_PATIENCE: Duration = Duration::from_secs(10);
/// The broker deletes the probe's queue after this long, should this process die before it does.
const PROBE_QUEUE_LIFE: Duration = Duration::from_secs(60);

/// A broker as it stands. Asking declares none of the fleet's queues and reads none of their
/// messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnosis {
    /// Name and version, as it says itself.
    pub product: Option<Product>,
    /// The fleet's queues, each with how it stands.
    pub queues: Vec<(String, QueueState)>,
    /// Messages in them; `None` when one is missing.
    pub depths: Option<Depths>,
    /// Queues of the version before that are there, each with the messages in it.
    pub earlier: Vec<(String, u64)>,
    /// How long a message took from its expiry in a queue of the same arguments to its target.
    pub dead_lettering: Result<Duration, QueueError>,
}

/// How a queue stands against its declaration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum QueueState {
    /// It is there, with the arguments this build declares.
    Declared,
    /// It is not there. Every program declares what is missing when it connects.
    Missing,
    /// It is there with other arguments, so that every program is refused; the broker's words.
    Different(String),
}

/// Asks a broker how it stands.
///
/// # Errors
/// [`QueueError::Away`] within seconds when it does not answer, [`QueueError::Refused`] when it
/// denies access.
pub async fn diagnose(config: &BrokerConfig) -> Result<Diagnosis, QueueError> {
    let broker = Broker::new(config)?;
    let product = greeting(&broker).await?;
    let connection = broker.connect().await?;
    let topology = &broker.topology;
    let mut queues = Vec::new();
    for (name, arguments) in declarations(topology) {
        let state = state(&connection, &name, arguments).await?;
        queues.push((name, state));
    }
    let any_missing = queues
        .iter()
        .any(|(_, state)| *state == QueueState::Missing);
    let depths = match any_missing {
        true => None,
        false => {
            let lengths = lengths(&connection, topology, &[]).await?;
            Some(lengths.into_iter().collect())
        }
    };
    let existing = earlier::existing(&connection, topology).await?;
    let earlier = existing
        .into_iter()
        .map(|queue| (queue.name, queue.messages))
        .collect();
    let dead_lettering = probe(&connection, topology).await;
    // When it fails there is nothing left to close.
    _ = answer("closing", connection.close(200, "OK".into())).await;
    Ok(Diagnosis {
        product,
        queues,
        depths,
        earlier,
        dead_lettering,
    })
}

/// Whether a queue is there, and only then whether declaring it again is refused.
async fn state(
    connection: &Connection,
    name: &str,
    arguments: FieldTable,
) -> Result<QueueState, QueueError> {
    // A refusal closes the channel, so each queue has its own.
    let channel = answer("a channel", connection.create_channel()).await?;
    let passive = QueueDeclareOptions::durable().passive();
    for (options, arguments) in [
        (passive, FieldTable::default()),
        (QueueDeclareOptions::durable(), arguments),
    ] {
        let declared = channel.queue_declare(name.into(), options, arguments);
        let declared = answer(name, async { Ok(declared.await) }).await?;
        let Err(error) = declared else { continue };
        return match soft_error(&error) {
            Some(AMQPSoftError::NOTFOUND) => Ok(QueueState::Missing),
            Some(AMQPSoftError::PRECONDITIONFAILED) => {
                Ok(QueueState::Different(told(name, &error).to_string()))
            }
            _ => Err(told(name, &error)),
        };
    }
    Ok(QueueState::Declared)
}

/// Lets a message expire in a queue of its own, made as the retry queues are, and waits for it in
/// another. Both are gone afterwards.
async fn probe(connection: &Connection, topology: &Topology) -> Result<Duration, QueueError> {
    let channel = answer("a channel", connection.create_channel()).await?;
    let confirms = channel.confirm_select(ConfirmSelectOptions::default());
    answer("publisher confirms", confirms).await?;
    // The broker chooses its name, and deletes it with this connection.
    let exclusive = QueueDeclareOptions::exclusive();
    let target = channel.queue_declare("".into(), exclusive, FieldTable::default());
    let target = answer("the probe's target", target).await?;
    let target = target.name().as_str();
    let source = format!("{}.doctor.{:08x}", topology.prefix, fastrand::u32(..));

    let mut arguments = dead_lettering_to(target);
    for (name, length) in [
        ("x-message-ttl", PROBE_LIFE),
        ("x-expires", PROBE_QUEUE_LIFE),
    ] {
        let milliseconds = AMQPValue::LongLongInt(length.as_millis() as i64);
        arguments.insert(name.into(), milliseconds);
    }
    let durable = QueueDeclareOptions::durable();
    let declared = channel.queue_declare(source.as_str().into(), durable, arguments);
    answer("the probe's queue", declared).await?;
    let arrived = expire(&channel, &source, target).await;
    let deleted = channel.queue_delete(source.as_str().into(), QueueDeleteOptions::default());
    // Should that fail, the broker does it within a minute.
    _ = answer("deleting the probe's queue", deleted).await;
    arrived
}

async fn expire(channel: &Channel, source: &str, target: &str) -> Result<Duration, QueueError> {
    let options = BasicConsumeOptions {
        no_ack: true,
        ..BasicConsumeOptions::default()
    };
    let consumer = channel.basic_consume(target.into(), "".into(), options, FieldTable::default());
    let mut consumer = answer("the probe's consumer", consumer).await?;
    let confirmed = answer("the probe's message", async {
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let properties = BasicProperties::default();
        let published = channel.basic_publish("".into(), source.into(), options, b"", properties);
        published.await?.await
    })
    .await?;
    if !matches!(confirmed, Confirmation::Ack(None)) {
        let why = "the probe's message was not taken".to_owned();
        return Err(QueueError::Refused(why));
    }
    let expires_at = Instant::now() + PROBE_LIFE;
    match tokio::time::timeout(PROBE_LIFE + PROBE_PATIENCE, consumer.next()).await {
        Ok(Some(Ok(_))) => Ok(Instant::now().saturating_duration_since(expires_at)),
        Ok(Some(Err(error))) => Err(told("the probe's consumer", &error)),
        Ok(None) => Err(QueueError::Away("the probe's consumer ended".to_owned())),
        Err(_) => Err(QueueError::Refused(format!(
            "a message that expired did not arrive within {} s",
            PROBE_PATIENCE.as_secs()
        ))),
    }
}
