//! What tests do with a queue, and what they expect of it.

use std::time::{Duration, Instant};

use queue::{Deliveries, Delivery, Depths, Destination, Envelope, Lane, Queue, QueueError};
use tokio_util::sync::CancellationToken;

/// How long anything expected may take.
pub const SOON: Duration = Duration::from_secs(20);
/// How long nothing must happen before we believe that nothing does.
const QUIET: Duration = Duration::from_millis(700);
/// A message with this body.
pub fn envelope(body: &str) -> Envelope {
    Envelope {
        body: body.into(),
        attempt: 0,
        reason: None,
    }
}

/// Publishes a new message to the workers.
pub async fn publish(queue: &dyn Queue, body: &str) {
    queue
        .publish(Destination::Work(Lane::Normal), &envelope(body))
        .await
        .unwrap();
}

/// Consumes, with a way to stop.
pub async fn consume(queue: &dyn Queue, prefetch: u16) -> (Deliveries, CancellationToken) {
    consume_lane(queue, Lane::Normal, prefetch).await
}

/// The same of a lane.
pub async fn consume_lane(
    queue: &dyn Queue,
    lane: Lane,
    prefetch: u16,
) -> (Deliveries, CancellationToken) {
    let stop = CancellationToken::new();
    let deliveries = queue.consume(lane, prefetch, stop.clone()).await.unwrap();
    (deliveries, stop)
}

/// The next delivery, which must come.
pub async fn next(deliveries: &mut Deliveries) -> Delivery {
    tokio::time::timeout(SOON, deliveries.recv())
        .await
        .expect("a delivery was expected")
        .expect("the deliveries ended")
}

pub async fn assert_quiet(deliveries: &mut Deliveries) {
    let delivery = tokio::time::timeout(QUIET, deliveries.recv()).await;
    if let Ok(delivery) = delivery {
        panic!("nothing was expected: {:?}", delivery.map(|it| it.envelope));
    }
}

pub async fn assert_ended(deliveries: &mut Deliveries) {
    let delivery = tokio::time::timeout(SOON, deliveries.recv())
        .await
        .expect("the deliveries should end");
    assert_eq!(delivery.map(|it| it.envelope), None);
}

/// A broker counts what waits a little later than it confirms it.
pub async fn assert_depths(queue: &dyn Queue, expected: Depths) {
    let deadline = Instant::now() + SOON;
    loop {
        let depths = queue.depths().await.unwrap();
        if depths == expected {
            return;
        }
        assert!(
            Instant::now() < deadline,
            "{depths:?}, expected {expected:?}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// The error of publishing, which must come.
pub async fn publish_error(queue: &dyn Queue) -> QueueError {
    tokio::time::timeout(
        SOON,
        queue.publish(Destination::Work(Lane::Normal), &envelope("lost")),
    )
    .await
    .expect("publishing should fail in time")
    .expect_err("publishing should fail")
}
