//! The suite: each test gets a queue of its own.

use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_trait::async_trait;
use futures::FutureExt;
use queue::{Deliveries, Delivery, Depths, Destination, Envelope, Queue, Topology};
use tokio_util::sync::CancellationToken;

/// How long anything expected may take.
pub const SOON: Duration = Duration::from_secs(20);
/// How long nothing must happen before we believe that nothing does.
const QUIET: Duration = Duration::from_millis(700);
/// The delays of [`topology`]: the last leaves time to look at what waits.
const DELAYS: [Duration; 3] = [
    Duration::from_millis(250),
    Duration::from_secs(1),
    Duration::from_secs(4),
];

/// A queue under test.
#[async_trait]
pub trait Bench: Send + Sync + Sized {
    /// A queue that is empty and nobody else's, with the delays of [`topology`].
    async fn new() -> Self;
    /// The queue.
    fn queue(&self) -> Arc<dyn Queue>;
    /// Takes the dead messages there are, not through the queue under test.
    async fn dead(&self) -> Vec<Envelope>;
    /// Removes the queue.
    async fn clean(self);
}

/// Delays short enough to wait for, under a prefix of its own.
pub fn topology() -> Topology {
    let suffix: String = std::iter::repeat_with(fastrand::lowercase)
        .take(10)
        .collect();
    Topology {
        prefix: format!("test.queue.{suffix}"),
        delays: DELAYS.to_vec(),
    }
}

/// Runs a test with a bench, and cleans that up however the test ends.
pub async fn with_bench<B: Bench, F: Future<Output = ()>>(test: impl FnOnce(Arc<B>) -> F) {
    let bench = Arc::new(B::new().await);
    let outcome = AssertUnwindSafe(test(Arc::clone(&bench)))
        .catch_unwind()
        .await;
    if let Some(bench) = Arc::into_inner(bench) {
        bench.clean().await;
    }
    if let Err(panic) = outcome {
        std::panic::resume_unwind(panic);
    }
}

macro_rules! conformance {
    ($bench:ty) => {
        $crate::conformance::conformance!(
            $bench: what_is_acknowledged_is_gone,
            what_is_dropped_comes_again,
            what_is_given_back_comes_again,
            no_more_than_the_prefetch_is_out_at_once,
            a_retry_waits_its_delay_and_keeps_what_is_known_of_it,
            the_dead_stay_dead_with_their_reason,
            stopping_gives_back_the_unread_and_leaves_what_is_in_hand,
            dropping_the_deliveries_stops_too,
            two_consumers_share_the_work,
            depths_tell_what_waits_where,
            a_body_is_any_bytes
        );
    };
    ($bench:ty: $($test:ident),+) => {
        $(
            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn $test() {
                $crate::conformance::with_bench(|bench: std::sync::Arc<$bench>| async move {
                    $crate::conformance::$test(&*bench).await;
                })
                .await;
            }
        )+
    };
}
pub(crate) use conformance;

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
        .publish(Destination::Work, &envelope(body))
        .await
        .unwrap();
}

/// Consumes, with a way to stop.
pub async fn consume(queue: &dyn Queue, prefetch: u16) -> (Deliveries, CancellationToken) {
    let stop = CancellationToken::new();
    let deliveries = queue.consume(prefetch, stop.clone()).await.unwrap();
    (deliveries, stop)
}

/// The next delivery, which must come.
pub async fn next(deliveries: &mut Deliveries) -> Delivery {
    tokio::time::timeout(SOON, deliveries.recv())
        .await
        .expect("a delivery was expected")
        .expect("the deliveries ended")
}

async fn assert_quiet(deliveries: &mut Deliveries) {
    let delivery = tokio::time::timeout(QUIET, deliveries.recv()).await;
    if let Ok(delivery) = delivery {
        panic!("nothing was expected: {:?}", delivery.map(|it| it.envelope));
    }
}

async fn assert_ended(deliveries: &mut Deliveries) {
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

async fn stop_and_assert_empty(
    queue: &dyn Queue,
    mut deliveries: Deliveries,
    stop: CancellationToken,
) {
    stop.cancel();
    assert_ended(&mut deliveries).await;
    assert_depths(queue, Depths::default()).await;
    let (mut again, _stop) = consume(queue, 1).await;
    assert_quiet(&mut again).await;
}

pub async fn what_is_acknowledged_is_gone(bench: &impl Bench) {
    let queue = bench.queue();
    publish(&*queue, "one").await;
    let (mut deliveries, stop) = consume(&*queue, 1).await;
    let delivery = next(&mut deliveries).await;
    assert_eq!(delivery.envelope, envelope("one"));
    assert!(!delivery.redelivered);
    delivery.ack().await.unwrap();
    stop_and_assert_empty(&*queue, deliveries, stop).await;
}

pub async fn what_is_dropped_comes_again(bench: &impl Bench) {
    let queue = bench.queue();
    publish(&*queue, "one").await;
    let (mut deliveries, stop) = consume(&*queue, 1).await;
    drop(next(&mut deliveries).await);
    let again = next(&mut deliveries).await;
    assert_eq!(again.envelope, envelope("one"));
    assert!(again.redelivered);
    again.ack().await.unwrap();
    stop_and_assert_empty(&*queue, deliveries, stop).await;
}

pub async fn what_is_given_back_comes_again(bench: &impl Bench) {
    let queue = bench.queue();
    publish(&*queue, "one").await;
    let (mut deliveries, stop) = consume(&*queue, 1).await;
    next(&mut deliveries).await.give_back().await.unwrap();
    let again = next(&mut deliveries).await;
    assert_eq!(again.envelope, envelope("one"));
    assert!(again.redelivered);
    again.ack().await.unwrap();
    stop_and_assert_empty(&*queue, deliveries, stop).await;
}

pub async fn no_more_than_the_prefetch_is_out_at_once(bench: &impl Bench) {
    let queue = bench.queue();
    for body in ["1", "2", "3", "4", "5"] {
        publish(&*queue, body).await;
    }
    let (mut deliveries, stop) = consume(&*queue, 2).await;
    let first = next(&mut deliveries).await;
    let second = next(&mut deliveries).await;
    assert_quiet(&mut deliveries).await;
    let ready = Depths {
        ready: 3,
        ..Depths::default()
    };
    assert_depths(&*queue, ready).await;
    first.ack().await.unwrap();
    let third = next(&mut deliveries).await;
    assert_quiet(&mut deliveries).await;
    for delivery in [second, third] {
        delivery.ack().await.unwrap();
    }
    for _ in 0..2 {
        next(&mut deliveries).await.ack().await.unwrap();
    }
    stop_and_assert_empty(&*queue, deliveries, stop).await;
}

pub async fn a_retry_waits_its_delay_and_keeps_what_is_known_of_it(bench: &impl Bench) {
    let queue = bench.queue();
    let message = Envelope {
        attempt: 3,
        reason: Some("timeout: não respondeu".to_owned()),
        ..envelope("later")
    };
    let (mut deliveries, stop) = consume(&*queue, 10).await;
    for (wanted, least) in [
        (Duration::from_millis(1), DELAYS[0]),
        (Duration::from_millis(500), DELAYS[1]),
    ] {
        let published = Instant::now();
        queue
            .publish(Destination::Retry(wanted), &message)
            .await
            .unwrap();
        let delivery = next(&mut deliveries).await;
        assert!(
            published.elapsed() >= least,
            "{wanted:?} became {:?}",
            published.elapsed()
        );
        assert_eq!(delivery.envelope, message);
        delivery.ack().await.unwrap();
    }
    stop_and_assert_empty(&*queue, deliveries, stop).await;
}

pub async fn the_dead_stay_dead_with_their_reason(bench: &impl Bench) {
    let queue = bench.queue();
    let message = Envelope {
        attempt: 5,
        reason: Some("unreadable message".to_owned()),
        ..envelope("poison")
    };
    let (mut deliveries, _stop) = consume(&*queue, 10).await;
    queue.publish(Destination::Dead, &message).await.unwrap();
    assert_quiet(&mut deliveries).await;
    let dead = Depths {
        dead: 1,
        ..Depths::default()
    };
    assert_depths(&*queue, dead).await;
    assert_eq!(bench.dead().await, [message]);
}

pub async fn stopping_gives_back_the_unread_and_leaves_what_is_in_hand(bench: &impl Bench) {
    let queue = bench.queue();
    for body in ["1", "2", "3"] {
        publish(&*queue, body).await;
    }
    let (mut deliveries, stop) = consume(&*queue, 3).await;
    let in_hand = next(&mut deliveries).await;
    assert_depths(&*queue, Depths::default()).await;
    stop.cancel();
    assert_ended(&mut deliveries).await;

    // The deliveries are still held here: giving back must not wait for that.
    let (mut others, other_stop) = consume(&*queue, 3).await;
    let mut bodies = Vec::new();
    for _ in 0..2 {
        let delivery = next(&mut others).await;
        assert!(delivery.redelivered);
        bodies.push(String::from_utf8(delivery.envelope.body.clone()).unwrap());
        delivery.ack().await.unwrap();
    }
    bodies.sort();
    assert_eq!(bodies, ["2", "3"]);
    assert_quiet(&mut others).await;

    assert!(!in_hand.lost.is_cancelled());
    in_hand.ack().await.unwrap();
    drop(deliveries);
    stop_and_assert_empty(&*queue, others, other_stop).await;
}

pub async fn dropping_the_deliveries_stops_too(bench: &impl Bench) {
    let queue = bench.queue();
    publish(&*queue, "one").await;
    let (deliveries, stop) = consume(&*queue, 1).await;
    assert_depths(&*queue, Depths::default()).await;
    drop(deliveries);
    assert!(!stop.is_cancelled(), "the caller's token is the caller's");
    let (mut others, other_stop) = consume(&*queue, 1).await;
    next(&mut others).await.ack().await.unwrap();
    stop_and_assert_empty(&*queue, others, other_stop).await;
}

pub async fn two_consumers_share_the_work(bench: &impl Bench) {
    let queue = bench.queue();
    let (mut one, _one_stop) = consume(&*queue, 1).await;
    let (mut two, _two_stop) = consume(&*queue, 1).await;
    publish(&*queue, "a").await;
    publish(&*queue, "b").await;
    let (first, second) = tokio::join!(next(&mut one), next(&mut two));
    assert_ne!(first.envelope, second.envelope);
    first.ack().await.unwrap();
    second.ack().await.unwrap();
    assert_depths(&*queue, Depths::default()).await;
}

pub async fn depths_tell_what_waits_where(bench: &impl Bench) {
    let queue = bench.queue();
    assert_depths(&*queue, Depths::default()).await;
    let long = Destination::Retry(DELAYS[2]);
    queue.publish(long, &envelope("later")).await.unwrap();
    let delayed = Depths {
        delayed: 1,
        ..Depths::default()
    };
    assert_depths(&*queue, delayed).await;
    // Each delay's own queue is told apart, if only while it is in use.
    let waiting = queue.lengths().await.unwrap();
    let waiting = waiting.into_iter().filter(|(_, messages)| *messages > 0);
    assert_eq!(waiting.collect::<Vec<_>>(), [(long, 1)]);
    queue
        .publish(Destination::Dead, &envelope("dead"))
        .await
        .unwrap();
    publish(&*queue, "now").await;
    // By then the delayed message has become ready.
    let due = Depths {
        ready: 2,
        delayed: 0,
        dead: 1,
    };
    assert_depths(&*queue, due).await;
}

pub async fn a_body_is_any_bytes(bench: &impl Bench) {
    let queue = bench.queue();
    let (mut deliveries, _stop) = consume(&*queue, 1).await;
    let every_byte: Vec<u8> = (0..=u8::MAX).cycle().take(300_000).collect();
    for body in [Vec::new(), b"\xff\xfe\0\xce".to_vec(), every_byte] {
        let message = Envelope {
            body,
            attempt: u32::MAX,
            reason: None,
        };
        queue.publish(Destination::Work, &message).await.unwrap();
        let delivery = next(&mut deliveries).await;
        assert!(delivery.envelope == message);
        delivery.ack().await.unwrap();
    }
}
