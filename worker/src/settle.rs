//! From outcome to broker: acknowledge, publish again with a delay, dead-letter, or give
//! back. Nothing else tells the broker about a delivery.
//!
//! A message is published again before its delivery is acknowledged: a crash in between makes a
//! duplicate, which the ledger recognises, and never a loss.

use std::time::Duration;

use domain::failure::{Cause, FailureClass};
use domain::job::PoisonError;
use queue::{Delivery, Destination, Envelope, Queue, QueueError};
use runtime::retry::{Delays, retry};
use tokio_util::sync::CancellationToken;
use tracing::{debug, warn};

use crate::failpoint;
use crate::outcome::Outcome;

/// How long a message of a newer version waits for a worker that can read it, before one tries again.
const NEWER_VERSION_WAIT: Duration = Duration::from_secs(300);
/// How long it waits altogether before it is taken for garbage.
const NEWER_VERSION_LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// What a body that is no job of this build becomes, which has waited so often, in a queue with these
/// delays.
pub fn poison_outcome(error: &PoisonError, waits: u32, delays: &[Duration]) -> Outcome {
    let what = match error {
        PoisonError::Unreadable(_) => "unreadable",
        PoisonError::NewerVersion { .. } => "newer-version",
        PoisonError::Impossible(_) => "impossible",
    };
    let cause = Cause::new(FailureClass::Poison, what, error.to_string());
    match error {
        PoisonError::NewerVersion { .. }
            if waited(waits, delays).is_some_and(|waited| waited < NEWER_VERSION_LONGEST) =>
        {
            Outcome::Retry {
                after: NEWER_VERSION_WAIT,
                cause,
            }
        }
        _ => Outcome::Failed { cause },
    }
}

/// How long a message of a newer version has waited at least. The queue's delays are what they are:
/// it waits out the one that fits, which may be another than was asked for. `None` without delays.
fn waited(waits: u32, delays: &[Duration]) -> Option<Duration> {
    let fits = delays.iter().find(|delay| **delay >= NEWER_VERSION_WAIT);
    let each = fits.or(delays.last())?;
    Some(each.saturating_mul(waits))
}

/// What the broker is told of a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Settlement {
    /// It is dealt with.
    Acknowledged,
    /// It comes again at once.
    GivenBack,
    /// Nothing: it comes again by itself.
    Lost,
}

/// Publishes a message again that waits, in its lane, or is dead by its outcome, and says what is left
/// to do with its delivery. While the broker is away, asks again until it is back, the delivery is lost
/// (then it comes again by itself), or `give_back` is cancelled.
pub async fn republish(
    queue: &dyn Queue,
    delivery: &Delivery,
    outcome: &Outcome,
    give_back: &CancellationToken,
) -> Settlement {
    failpoint::passed("settling");
    let lane = delivery.lane;
    let again = match outcome {
        Outcome::Done | Outcome::Superseded | Outcome::Cancelled => None,
        Outcome::Retry { after, cause } => Some((Destination::Retry(lane, *after), 1, cause)),
        Outcome::Deferred { after, cause } => Some((Destination::Retry(lane, *after), 0, cause)),
        Outcome::Failed { cause } => Some((Destination::Dead, 0, cause)),
        Outcome::Returned => return Settlement::GivenBack,
    };
    // A lost delivery comes again by itself; publishing it as well would make two.
    if delivery.lost.is_cancelled() {
        debug!("the delivery was lost before it was settled");
        return Settlement::Lost;
    }
    if let Some((to, failures, cause)) = again {
        let envelope = Envelope {
            body: delivery.envelope.body.clone(),
            attempt: delivery.envelope.attempt + failures,
            reason: Some(cause.to_string()),
        };
        if !publish(queue, to, &envelope, &delivery.lost, give_back).await {
            return Settlement::GivenBack;
        }
        failpoint::published(to);
    }
    Settlement::Acknowledged
}

/// Tells the broker what becomes of a delivery.
pub async fn settle(delivery: Delivery, settlement: Settlement) {
    match settlement {
        Settlement::Acknowledged => {
            failpoint::passed("acking");
            ignore_lost(delivery.ack().await);
            failpoint::passed("acked");
        }
        Settlement::GivenBack => ignore_lost(delivery.give_back().await),
        Settlement::Lost => {}
    }
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
    let cancelled = async {
        tokio::select! {
            () = lost.cancelled() => {}
            () = give_back.cancelled() => {}
        }
    };
    let pause = |error: &QueueError, delay: Duration| {
        warn!(after_s = delay.as_secs_f32(), "{error}; publishing again");
        Some(delay)
    };
    let publish = || queue.publish(to, envelope);
    retry(&mut delays, cancelled, pause, publish).await.is_ok()
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
    use queue::memory::MemoryQueue;
    use queue::{Depths, Lane, Receipt, Topology};

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
                let delivery =
                    Delivery::new(envelope, Lane::Normal, false, token, Box::new(LostReceipt));
                let give_back = CancellationToken::new();
                let settlement = republish(&queue, &delivery, &outcome, &give_back).await;
                settle(delivery, settlement).await;
                assert_eq!(total(&queue).await - before, published, "{outcome:?}");
            }
        }
    }

    #[tokio::test]
    async fn what_waits_stays_in_its_lane() {
        let queue = MemoryQueue::new(Topology::default());
        let after = Duration::from_secs(60);
        let outcomes = [
            Outcome::Retry {
                after,
                cause: cause(),
            },
            Outcome::Deferred {
                after,
                cause: cause(),
            },
        ];
        for outcome in outcomes {
            let envelope = Envelope {
                body: b"job".to_vec(),
                attempt: 0,
                reason: None,
            };
            let token = CancellationToken::new();
            let receipt = Box::new(LostReceipt);
            let delivery = Delivery::new(envelope, Lane::Urgent, false, token, receipt);
            republish(&queue, &delivery, &outcome, &CancellationToken::new()).await;
        }
        let mut lengths = queue.lengths().await.unwrap();
        lengths.retain(|(_, messages)| *messages > 0);
        assert_eq!(lengths, [(Destination::Retry(Lane::Urgent, after), 2)]);
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
        let minutes = |minutes: u64| Duration::from_secs(60 * minutes);
        for (delays, last) in [
            (&Topology::DELAYS[..], 288),
            // The longest there is, the shortest that is long enough.
            (&[minutes(1)], 24 * 60),
            (&[minutes(1), minutes(30)], 48),
            (&[minutes(60 * 24 * 365 * 1000)], 1),
        ] {
            for waits in [0, last - 1] {
                let outcome = poison_outcome(&newer, waits, delays);
                assert!(matches!(outcome, Outcome::Retry { .. }), "{delays:?}");
            }
            let outcome = poison_outcome(&newer, last, delays);
            assert!(matches!(outcome, Outcome::Failed { .. }), "{delays:?}");
        }
        let garbage = PoisonError::Impossible("target".to_owned());
        let outcome = poison_outcome(&garbage, 0, &Topology::DELAYS);
        assert!(matches!(outcome, Outcome::Failed { .. }));
    }
}
