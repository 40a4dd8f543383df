//! One connection that consumes, from its opening to its end.
//!
//! A delivery dropped unsettled is sent back here, and the session gives it back to the broker:
//! a `drop` cannot wait for that itself. The same way tells when nothing is in hand any more.

use async_trait::async_trait;
use futures::stream::BoxStream;
use futures::{FutureExt, StreamExt};
use lapin::options::{
    BasicAckOptions, BasicCancelOptions, BasicConsumeOptions, BasicNackOptions, BasicQosOptions,
};
use lapin::types::FieldTable;
use lapin::{Acker, Channel, Connection, Consumer, Event};
use tokio::sync::mpsc;
use tokio_util::sync::CancellationToken;

use super::broker::{Broker, answer};
use super::{earlier, message, topology};
use crate::deliveries::DeliverySender;
use crate::{Delivery, Destination, Lane, QueueError, Receipt};

/// A connection, its channel and the consumer on it.
pub(super) struct Session {
    connection: Connection,
    channel: Channel,
    consumer: Consumer,
    /// What it consumes.
    lane: Lane,
    /// What happens to the connection and its channels, also while nothing is consumed.
    events: BoxStream<'static, Event>,
    /// Cancelled when the broker will deliver again whatever is in hand.
    lost: CancellationToken,
    give_back: mpsc::UnboundedSender<Acker>,
    given_back: mpsc::UnboundedReceiver<Acker>,
}

impl Session {
    /// Connects, declares what is missing and starts to consume.
    pub(super) async fn open(
        broker: &Broker,
        lane: Lane,
        prefetch: u16,
    ) -> Result<Self, QueueError> {
        let connection = broker.connect().await?;
        topology::declare(&connection, &broker.topology).await?;
        if lane == Lane::Normal {
            earlier::move_over(&connection, &broker.topology).await?;
        }
        // From now on: that an earlier queue is not there closed a channel, too.
        let events = connection.events_listener().boxed();
        let channel = answer("a channel", connection.create_channel()).await?;
        let qos = channel.basic_qos(prefetch, BasicQosOptions::default());
        answer("the prefetch", qos).await?;
        let queue = topology::queue_for(&broker.topology, Destination::Work(lane));
        let consumer = channel.basic_consume(
            queue.as_str().into(),
            "".into(),
            BasicConsumeOptions::default(),
            FieldTable::default(),
        );
        let consumer = answer(&queue, consumer).await?;
        let (give_back, given_back) = mpsc::unbounded_channel();
        Ok(Self {
            connection,
            channel,
            consumer,
            lane,
            events,
            lost: CancellationToken::new(),
            give_back,
            given_back,
        })
    }

    /// Hands deliveries to the sender until it stops, which is `Ok`, or the session breaks.
    pub(super) async fn run(&mut self, sender: &DeliverySender) -> Result<(), String> {
        loop {
            tokio::select! {
                biased;
                () = sender.stop().cancelled() => return Ok(()),
                () = self.lost.cancelled() => return Err("a message could not be settled".into()),
                broken = broken(&mut self.events) => return Err(broken),
                Some(acker) = self.given_back.recv() => {
                    // A failure shows in `lost`.
                    let _ = give_back(&acker, &self.lost).await;
                }
                delivery = self.consumer.next() => match delivery {
                    Some(Ok(delivery)) => sender.send(self.delivery(delivery)),
                    Some(Err(error)) => return Err(error.to_string()),
                    None => return Err("the broker cancelled the consumer".into()),
                },
            }
        }
    }

    /// Ends a session that broke: what is in hand is lost, and the broker is to notice at once.
    pub(super) fn abandon(self, sender: &DeliverySender) {
        self.lost.cancel();
        sender.give_back_pending();
        // A peer that does not answer must not hold up the next session.
        tokio::spawn(self.close());
    }

    /// Ends a session that was stopped, after the last of what is in hand is settled.
    pub(super) async fn finish(mut self, sender: DeliverySender) {
        let cancel = BasicCancelOptions::default();
        let cancelled = self.channel.basic_cancel(self.consumer.tag(), cancel);
        if answer("cancelling", cancelled).await.is_err() {
            self.lost.cancel();
        }
        // What arrived before the broker knew; after its answer there is no more.
        while let Some(Some(Ok(delivery))) = self.consumer.next().now_or_never() {
            drop(self.delivery(delivery));
        }
        drop(sender);
        self.settle_rest().await;
        self.close().await;
    }

    async fn settle_rest(&mut self) {
        // Of the senders only those in deliveries remain: the channel ends when these are settled.
        let (closed, _) = mpsc::unbounded_channel();
        self.give_back = closed;
        loop {
            tokio::select! {
                acker = self.given_back.recv() => match acker {
                    Some(acker) => {
                        let _ = give_back(&acker, &self.lost).await;
                    }
                    None => return,
                },
                () = self.lost.cancelled() => return,
                broken = broken(&mut self.events) => {
                    tracing::warn!(error = broken, "the broker takes back what is in hand");
                    self.lost.cancel();
                    return;
                }
            }
        }
    }

    async fn close(self) {
        // When it fails there is nothing left to close.
        let _ = answer("closing", self.connection.close(200, "OK".into())).await;
    }

    fn delivery(&self, mut delivery: lapin::message::Delivery) -> Delivery {
        let receipt = AmqpReceipt {
            acker: delivery.acker.clone(),
            lost: self.lost.clone(),
            give_back: self.give_back.clone(),
        };
        Delivery::new(
            message::envelope(&mut delivery),
            self.lane,
            delivery.redelivered,
            self.lost.clone(),
            Box::new(receipt),
        )
    }
}

/// Waits until the connection or its channel breaks, and says how.
async fn broken(events: &mut BoxStream<'static, Event>) -> String {
    loop {
        match events.next().await {
            Some(Event::Error(error)) => return error.to_string(),
            Some(_) => {}
            None => return "the connection is gone".into(),
        }
    }
}

async fn give_back(acker: &Acker, lost: &CancellationToken) -> Result<(), QueueError> {
    let nack = BasicNackOptions {
        requeue: true,
        ..BasicNackOptions::default()
    };
    settled(answer("giving back", acker.nack(nack)).await, lost)
}

/// `true` alone means that it was sent: on a dead channel lapin says `Ok(false)`.
fn settled(answer: Result<bool, QueueError>, lost: &CancellationToken) -> Result<(), QueueError> {
    if matches!(answer, Ok(true)) {
        return Ok(());
    }
    lost.cancel();
    Err(QueueError::DeliveryLost)
}

/// Settles over the channel that delivered.
struct AmqpReceipt {
    acker: Acker,
    lost: CancellationToken,
    give_back: mpsc::UnboundedSender<Acker>,
}

#[async_trait]
impl Receipt for AmqpReceipt {
    async fn ack(self: Box<Self>) -> Result<(), QueueError> {
        let sent = answer("acknowledging", self.acker.ack(BasicAckOptions::default())).await;
        settled(sent, &self.lost)
    }

    async fn give_back(self: Box<Self>) -> Result<(), QueueError> {
        give_back(&self.acker, &self.lost).await
    }
}

impl Drop for AmqpReceipt {
    fn drop(&mut self) {
        if self.acker.usable() {
            // When the session is gone the broker delivers again without being asked.
            let _ = self.give_back.send(self.acker.clone());
        }
    }
}
