//! Who gets a permit, and when.

use std::pin::pin;
use std::time::Duration;

use futures::{FutureExt as _, poll};

use super::super::{CallOutcome, ConcurrencyLimit};

fn limit(share: usize) -> ConcurrencyLimit {
    ConcurrencyLimit::new(share, Duration::from_secs(60))
}

#[tokio::test]
async fn counts_what_is_in_flight_and_pending() {
    let limit = limit(1);
    assert_eq!((limit.in_flight(), limit.take_pending()), (0, 0));
    let permit = limit.acquire(0).await;
    let mut waiting = pin!(limit.acquire(0));
    assert!(poll!(&mut waiting).is_pending());
    assert_eq!((limit.in_flight(), limit.take_pending()), (1, 2));
    drop(permit);
    drop(waiting.await);
    // There were some since this was asked.
    assert_eq!((limit.in_flight(), limit.take_pending()), (0, 1));
    assert_eq!(limit.take_pending(), 0);
}

#[tokio::test]
async fn the_oldest_job_is_served_first_and_its_calls_in_order() {
    let limit = limit(1);
    let permit = limit.acquire(1).await;
    let (mut late, mut first) = (pin!(limit.acquire(2)), pin!(limit.acquire(1)));
    let mut second = pin!(limit.acquire(1));
    for waiting in [&mut late, &mut first, &mut second] {
        assert!(poll!(waiting).is_pending());
    }
    permit.end(CallOutcome::Answered);
    assert!(poll!(&mut late).is_pending() && poll!(&mut second).is_pending());
    first
        .now_or_never()
        .expect("it came first")
        .end(CallOutcome::Answered);
    assert!(poll!(&mut late).is_pending());
    second
        .now_or_never()
        .expect("its job is older")
        .end(CallOutcome::Answered);
    assert!(late.now_or_never().is_some());
}

#[tokio::test]
async fn a_smaller_share_leaves_alone_what_is_in_flight() {
    let limit = limit(3);
    let mut permits = Vec::new();
    for _ in 0..3 {
        permits.push(limit.acquire(0).await);
    }
    limit.set_share(1);
    assert_eq!((limit.in_flight(), limit.limit()), (3, 1));
    let mut next = pin!(limit.acquire(0));
    // The next call is sent only when the last of the three has ended.
    for left in [2, 1] {
        permits.pop();
        assert!(poll!(&mut next).is_pending());
        assert_eq!(limit.in_flight(), left);
    }
    permits.pop();
    assert!(next.now_or_never().is_some());
}

#[tokio::test]
async fn without_a_share_calls_wait_until_there_is_one() {
    let limit = limit(0);
    let mut first = pin!(limit.acquire(0));
    assert!(poll!(&mut first).is_pending());
    limit.set_share(2);
    assert!(first.now_or_never().is_some());
}

#[tokio::test]
async fn a_call_that_stops_waiting_takes_no_permit_along() {
    let limit = limit(1);
    let permit = limit.acquire(0).await;
    {
        let mut waiting = pin!(limit.acquire(0));
        assert!(poll!(&mut waiting).is_pending());
        let mut granted = pin!(limit.acquire(1));
        assert!(poll!(&mut granted).is_pending());
        drop(permit);
        // The first is dropped with a permit that it never took, the second while it waits.
    }
    assert!(limit.acquire(0).now_or_never().is_some());
    assert_eq!(limit.in_flight(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_pause_ends_by_itself() {
    let limit = limit(4);
    let asked = Duration::from_secs(3);
    limit
        .acquire(0)
        .await
        .end(CallOutcome::Throttled(Some(asked)));
    let began = tokio::time::Instant::now();
    drop(limit.acquire(0).await);
    let waited = began.elapsed();
    assert!(
        (asked..asked + Duration::from_millis(500)).contains(&waited),
        "{waited:?}"
    );
}
