//! From outcome to broker: acknowledge, put off, bury, or give back. Nothing else talks to it.
//!
//! A message is published again before its delivery is acknowledged: a crash in between makes a
//! duplicate, which the ledger recognises, and never a loss.

use std::time::Duration;

use shared::failure::{Cause, FailureClass};
use shared::job::PoisonError;
use shared::queue::{Delivery, Destination, Envelope, Queue, QueueError};
use shared::retry::Delays;
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::failpoint;
use crate::process::Outcome;

/// How long a message of a newer version waits for a worker that can read it.
const NEWER_VERSION_WAIT: Duration = Duration::from_secs(300);
/// How often it may wait before it is taken for garbage: for a day.
const NEWER_VERSION_WAITS: u32 = 288;

/// What a body that is no job of this build becomes.
pub fn of_poison(error: &PoisonError, waits: u32) -> Outcome {
    let fingerprint = match error {
        PoisonError::Unreadable(_) => "poison/unreadable",
        PoisonError::NewerVersion { .. } => "poison/newer-version",
        PoisonError::Impossible(_) => "poison/impossible",
    };
    let cause = Cause {
        class: FailureClass::Poison,
        fingerprint: fingerprint.to_owned(),
        message: error.to_string(),
    };
    match error {
        PoisonError::NewerVersion { .. } if waits < NEWER_VERSION_WAITS => Outcome::Retry {
            after: NEWER_VERSION_WAIT,
            cause,
        },
        _ => Outcome::Failed { cause },
    }
}

/// Tells the broker what became of a delivery. While it is away, asks again until it is back, the
/// delivery is lost (then it comes again by itself), or `give_back` is cancelled.
pub async fn settle(
    queue: &dyn Queue,
    delivery: Delivery,
    outcome: &Outcome,
    give_back: &CancellationToken,
) {
    let again = match outcome {
        Outcome::Done | Outcome::Superseded => None,
        Outcome::Retry { after, cause } => Some((Destination::Retry(*after), 1, cause)),
        Outcome::Deferred { after, cause } => Some((Destination::Retry(*after), 0, cause)),
        Outcome::Failed { cause } => Some((Destination::Dead, 0, cause)),
        Outcome::Returned => {
            ignore_lost(delivery.give_back().await);
            return;
        }
    };
    // A lost delivery comes again by itself; publishing it as well would make two.
    if delivery.lost.is_cancelled() {
        debug!("the delivery was lost before it was settled");
        return;
    }
    if let Some((to, failures, cause)) = again {
        let envelope = Envelope {
            body: delivery.envelope.body.clone(),
            attempt: delivery.envelope.attempt + failures,
            reason: Some(cause.to_string()),
        };
        if !publish(queue, to, &envelope, &delivery.lost, give_back).await {
            ignore_lost(delivery.give_back().await);
            return;
        }
        failpoint::published(to);
    }
    failpoint::passed("acking");
    ignore_lost(delivery.ack().await);
    failpoint::passed("acked");
}

/// `false` when it was given up: the delivery comes again, and the ledger knows what it is.
async fn publish(
    queue: &dyn Queue,
    to: Destination,
    envelope: &Envelope,
    lost: &CancellationToken,
    give_back: &CancellationToken,
) -> bool {
    let mut delays = Delays::new(Duration::from_millis(200), Duration::from_secs(10));
    loop {
        let Err(error) = queue.publish(to, envelope).await else {
            return true;
        };
        let delay = delays.next_delay();
        warn!(after_s = delay.as_secs_f32(), "{error}; publishing again");
        tokio::select! {
            () = tokio::time::sleep(delay) => {}
            () = lost.cancelled() => return false,
            () = give_back.cancelled() => return false,
        }
    }
}

/// A lost delivery comes again, and finds its job as the ledger has it.
fn ignore_lost(settled: Result<(), QueueError>) {
    if let Err(error) = settled {
        debug!("not settled: {error}");
    }
}

#[cfg(test)]
mod tests {
    use async_trait::async_trait;
    use shared::queue::memory::MemoryQueue;
    use shared::queue::{Depths, Receipt, Topology};

    use super::*;

    struct LostReceipt;

    #[async_trait]
    impl Receipt for LostReceipt {
        async fn ack(self: Box<Self>) -> Result<(), QueueError> {
            Err(QueueError::DeliveryLost)
        }

        async fn give_back(self: Box<Self>) -> Result<(), QueueError> {
            Err(QueueError::DeliveryLost)
        }
    }

    fn cause() -> Cause {
        Cause {
            class: FailureClass::Transient,
            fingerprint: "transient/test".to_owned(),
            message: "test".to_owned(),
        }
    }

    #[tokio::test]
    async fn a_lost_delivery_is_not_published_as_well() {
        let queue = MemoryQueue::new(Topology::default());
        let outcomes = [
            Outcome::Failed { cause: cause() },
            Outcome::Retry {
                after: Duration::from_secs(60),
                cause: cause(),
            },
        ];
        for outcome in outcomes {
            for (lost, published) in [(true, 0), (false, 1)] {
                let before = total(&queue).await;
                let token = CancellationToken::new();
                if lost {
                    token.cancel();
                }
                let envelope = Envelope {
                    body: b"job".to_vec(),
                    attempt: 0,
                    reason: None,
                };
                let delivery = Delivery::new(envelope, false, token, Box::new(LostReceipt));
                settle(&queue, delivery, &outcome, &CancellationToken::new()).await;
                assert_eq!(total(&queue).await - before, published, "{outcome:?}");
            }
        }
    }

    async fn total(queue: &MemoryQueue) -> u64 {
        let Depths {
            ready,
            delayed,
            dead,
        } = queue.depths().await.unwrap();
        ready + delayed + dead
    }

    #[test]
    fn a_newer_message_waits_a_day_and_garbage_does_not() {
        let newer = PoisonError::NewerVersion { found: 2 };
        for waits in [0, NEWER_VERSION_WAITS - 1] {
            assert!(matches!(of_poison(&newer, waits), Outcome::Retry { .. }));
        }
        let last = of_poison(&newer, NEWER_VERSION_WAITS);
        assert!(matches!(last, Outcome::Failed { .. }));
        let garbage = PoisonError::Impossible("target".to_owned());
        assert!(matches!(of_poison(&garbage, 0), Outcome::Failed { .. }));
    }
}
