//! A publish that the broker has confirmed.

use lapin::options::BasicPublishOptions;
use lapin::{Channel, Confirmation};

use super::broker::answer;
use super::message::properties;
use crate::{Envelope, QueueError};

/// Publishes to a queue over a channel with confirms, and waits until the queue has it.
pub(super) async fn confirmed(
    channel: &Channel,
    queue: &str,
    message: &Envelope,
) -> Result<(), QueueError> {
    let confirmation = answer(queue, async {
        let options = BasicPublishOptions {
            mandatory: true,
            ..BasicPublishOptions::default()
        };
        let routing_key = queue.into();
        channel
            .basic_publish(
                "".into(),
                routing_key,
                options,
                &message.body,
                properties(message),
            )
            .await?
            .await
    })
    .await?;
    match confirmation {
        Confirmation::Ack(None) => Ok(()),
        // Confirmed as unroutable: the broker did what it was asked, and the message is gone.
        Confirmation::Ack(Some(_)) => Err(QueueError::Refused(format!(
            "no queue {queue} took the message"
        ))),
        Confirmation::Nack(_) | Confirmation::NotRequested => Err(QueueError::Refused(format!(
            "{queue} did not take the message: it is full or failing"
        ))),
    }
}
