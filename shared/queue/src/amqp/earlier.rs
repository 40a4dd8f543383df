//! The queues of the version before this one: their messages are moved, and nothing is published to
//! them any more.
//!
//! A queue's arguments cannot change, so that another delivery limit needs other names. A fleet that
//! is upgraded has messages in the queues of the old names, and an older producer goes on to publish
//! there: every session that consumes the normal lane moves them over as well.

use std::time::Duration;

use futures::StreamExt as _;
use lapin::options::{
    BasicAckOptions, BasicConsumeOptions, BasicQosOptions, ConfirmSelectOptions,
    QueueDeclareOptions,
};
use lapin::protocol::AMQPSoftError;
use lapin::types::FieldTable;
use lapin::{Channel, Connection, Consumer};
use runtime::retry::{Delays, RetryError, retry};

use super::broker::{answer, soft_error};
use super::confirm::confirmed;
use super::message;
use super::topology::{Earlier, earlier_queues, queue_for};
use crate::{Destination, Lane, QueueError, Topology};

/// Messages moved at once.
const PREFETCH: u16 = 16;
/// The delays between tries to move one message.
const FIRST_DELAY: Duration = Duration::from_secs(1);
const LONGEST_DELAY: Duration = Duration::from_secs(60);

/// The earlier queues there are. A broker that never had a work queue of the old name has none of the
/// others either.
pub(super) async fn existing(
    connection: &Connection,
    topology: &Topology,
) -> Result<Vec<Earlier>, QueueError> {
    let mut existing = Vec::new();
    for (name, of) in earlier_queues(topology) {
        match length(connection, &name).await? {
            Some(messages) => existing.push(Earlier { name, of, messages }),
            None if of == Destination::Work(Lane::Normal) => return Ok(Vec::new()),
            None => {}
        }
    }
    Ok(existing)
}

/// How many messages wait in a queue; `None` where there is no such queue.
async fn length(connection: &Connection, name: &str) -> Result<Option<u64>, QueueError> {
    // A refusal closes the channel, so each queue has its own.
    let channel = answer("a channel", connection.create_channel()).await?;
    let passive = QueueDeclareOptions::durable().passive();
    let declared = channel.queue_declare(name.into(), passive, FieldTable::default());
    let declared = answer(name, async {
        match declared.await {
            Err(error) if soft_error(&error) == Some(AMQPSoftError::NOTFOUND) => Ok(None),
            declared => declared.map(Some),
        }
    });
    let declared = declared.await?;
    if declared.is_some() {
        // What cannot be closed is closed with the connection.
        _ = answer("closing", channel.close(200, "OK".into())).await;
    }
    Ok(declared.map(|queue| u64::from(queue.message_count())))
}

/// Moves what is and comes into the earlier work queue to this version's, until the connection ends
/// or the queue is deleted. Where there is no such queue, it does nothing.
pub(super) async fn move_over(
    connection: &Connection,
    topology: &Topology,
) -> Result<(), QueueError> {
    let earlier = &topology.prefix;
    if length(connection, earlier).await?.is_none() {
        return Ok(());
    }
    let channel = answer("a channel", connection.create_channel()).await?;
    let confirms = channel.confirm_select(ConfirmSelectOptions::default());
    answer("publisher confirms", confirms).await?;
    let qos = channel.basic_qos(PREFETCH, BasicQosOptions::default());
    answer("the prefetch", qos).await?;
    let consumer = channel.basic_consume(
        earlier.as_str().into(),
        "".into(),
        BasicConsumeOptions::default(),
        FieldTable::default(),
    );
    let consumer = answer(earlier, consumer).await?;
    tracing::info!(queue = earlier, "moves what an earlier version left");
    let current = queue_for(topology, Destination::Work(Lane::Normal));
    tokio::spawn(async move {
        if let Err(error) = forward(consumer, &channel, &current).await {
            tracing::debug!(%error, "moving from an earlier queue ended");
        }
    });
    Ok(())
}

/// Publishes before it acknowledges: a crash in between makes a duplicate, and never a loss.
async fn forward(
    mut consumer: Consumer,
    channel: &Channel,
    current: &str,
) -> Result<(), QueueError> {
    let mut delays = Delays::new(FIRST_DELAY, LONGEST_DELAY);
    while let Some(delivery) = consumer.next().await {
        let mut delivery = answer("a delivery", async { delivery }).await?;
        let envelope = message::envelope(&mut delivery);
        // A broken channel ends the session, and the next one moves what is left.
        let pause = |error: &QueueError, delay| {
            let connected = channel.status().connected();
            connected.then(|| {
                tracing::warn!(%error, "cannot move a message from an earlier queue yet");
                delay
            })
        };
        let publish = || confirmed(channel, current, &envelope);
        let moved = retry(&mut delays, std::future::pending(), pause, publish).await;
        match moved {
            Ok(()) => delays.reset(),
            Err(RetryError::Failed(error)) => return Err(error),
            Err(RetryError::Cancelled) => return Ok(()),
        }
        answer(
            "acknowledging",
            delivery.acker.ack(BasicAckOptions::default()),
        )
        .await?;
    }
    Ok(())
}
