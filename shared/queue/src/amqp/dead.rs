//! The dead queue, looked through message by message.
//!
//! What is kept goes to the end of the queue as a copy before the original is acknowledged. It is never
//! given back: each return counts towards the queue's delivery limit, and a broker that takes the limit for
//! reached drops the message.

use lapin::options::{BasicAckOptions, BasicGetOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::FieldTable;
use lapin::{Channel, Connection};

use super::broker::{Broker, answer};
use super::confirm::confirmed;
use super::message;
use super::topology::queue_for;
use crate::{DeadLetter, DeadLetterFilter, Destination, QueueError};

/// Removes what a filter does not keep, and returns how many.
pub(super) async fn sweep(
    broker: &Broker,
    filter: &dyn DeadLetterFilter,
) -> Result<u64, QueueError> {
    let connection = broker.connect().await?;
    let dead = queue_for(&broker.topology, Destination::Dead);
    let swept = sweep_over(&connection, &dead, filter).await;
    // When it fails there is nothing left to close.
    _ = answer("closing", connection.close(200, "OK".into())).await;
    swept
}

async fn sweep_over(
    connection: &Connection,
    dead: &str,
    filter: &dyn DeadLetterFilter,
) -> Result<u64, QueueError> {
    let channel = answer("a channel", connection.create_channel()).await?;
    let confirms = channel.confirm_select(ConfirmSelectOptions::default());
    answer("publisher confirms", confirms).await?;
    let passive = QueueDeclareOptions::durable().passive();
    let declared = channel.queue_declare(dead.into(), passive, FieldTable::default());
    let messages = answer(dead, declared).await?.message_count();
    let mut removed = 0;
    for _ in 0..messages {
        match next(&channel, dead, filter).await? {
            Some(DeadLetter::Keep) => {}
            Some(DeadLetter::Remove) => removed += 1,
            Some(DeadLetter::Stop) | None => break,
        }
    }
    Ok(removed)
}

/// Takes the first message, and does what the filter decides; `None` when there is none.
async fn next(
    channel: &Channel,
    dead: &str,
    filter: &dyn DeadLetterFilter,
) -> Result<Option<DeadLetter>, QueueError> {
    let get = channel.basic_get(dead.into(), BasicGetOptions { no_ack: false });
    let Some(mut got) = answer(dead, get).await? else {
        return Ok(None);
    };
    let envelope = message::envelope(&mut got.delivery);
    let decided = filter.decide(&envelope).await;
    if decided != DeadLetter::Remove {
        confirmed(channel, dead, &envelope).await?;
    }
    let ack = got.delivery.acker.ack(BasicAckOptions::default());
    // On a dead channel lapin says `Ok(false)`.
    match answer("acknowledging", ack).await? {
        true => Ok(Some(decided)),
        false => Err(QueueError::DeliveryLost),
    }
}
