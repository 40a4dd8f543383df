use std::future::pending;

use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use super::*;

fn delays() -> Delays {
    Delays::new(Duration::from_millis(100), Duration::from_millis(400))
}

/// Fails with 1, 2, … until the try of that number succeeds with it.
fn succeeds_at(number: u32) -> impl FnMut() -> std::future::Ready<Result<u32, u32>> {
    let mut tried = 0;
    move || {
        tried += 1;
        std::future::ready(if tried == number {
            Ok(tried)
        } else {
            Err(tried)
        })
    }
}

#[test]
fn delays_double_within_their_jitter_up_to_the_longest() {
    let mut delays = delays();
    for nominal in [100, 200, 400, 400, 400] {
        let delay = delays.next_delay().as_millis();
        assert!(
            (nominal / 2..=nominal * 3 / 2).contains(&delay),
            "{nominal}: {delay}"
        );
    }
    delays.reset();
    assert!(delays.next_delay() <= Duration::from_millis(150));
}

#[tokio::test(start_paused = true)]
async fn retry_waits_the_pause_between_two_tries() {
    let (began, mut errors) = (Instant::now(), Vec::new());
    let pause = |error: &u32, _: Duration| {
        errors.push(*error);
        Some(Duration::from_secs(5))
    };
    let ended = retry(&mut delays(), pending(), pause, succeeds_at(3)).await;
    assert_eq!(ended, Ok(3));
    assert_eq!(errors, [1, 2]);
    assert_eq!(began.elapsed().as_secs(), 10);
}

#[tokio::test(start_paused = true)]
async fn retry_offers_the_next_of_the_delays() {
    let mut offered = Vec::new();
    let pause = |_: &u32, delay: Duration| {
        offered.push(delay);
        Some(delay)
    };
    let began = Instant::now();
    let ended = retry(&mut delays(), pending(), pause, succeeds_at(4)).await;
    assert_eq!(ended, Ok(4));
    assert_eq!(offered.len(), 3);
    let (least, most) = (Duration::from_millis(50), Duration::from_millis(600));
    assert!(offered.iter().all(|delay| (least..=most).contains(delay)));
    // Tokio's timers count whole milliseconds.
    let waited = began.elapsed().saturating_sub(offered.iter().sum());
    assert!(waited <= Duration::from_millis(3), "{waited:?}");
}

#[tokio::test(start_paused = true)]
async fn retry_ends_at_a_final_error() {
    let pause = |error: &u32, delay: Duration| (*error < 2).then_some(delay);
    let ended = retry(&mut delays(), pending(), pause, succeeds_at(9)).await;
    assert_eq!(ended, Err(RetryError::Failed(2)));
}

#[tokio::test(start_paused = true)]
async fn cancelling_ends_a_wait_and_never_a_try() {
    let stop = CancellationToken::new();
    stop.cancel();
    let pause = |_: &u32, _: Duration| Some(Duration::MAX);
    let ended = retry(&mut delays(), stop.cancelled(), pause, succeeds_at(2)).await;
    assert_eq!(ended, Err(RetryError::Cancelled));

    let mut succeeds = succeeds_at(1);
    let slow = || {
        let result = succeeds();
        async {
            sleep(Duration::from_secs(1)).await;
            result.await
        }
    };
    let ended = retry(&mut delays(), stop.cancelled(), pause, slow).await;
    assert_eq!(ended, Ok(1));
}

#[tokio::test(start_paused = true)]
async fn retry_until_ok_waits_before_the_first_try_too() {
    let (began, mut errors) = (Instant::now(), Vec::new());
    let failed = |error: &u32| errors.push(*error);
    let mut delays = Delays::new(Duration::from_secs(4), Duration::from_secs(4));
    let value = retry_until_ok(&mut delays, failed, succeeds_at(2)).await;
    assert_eq!((value, errors), (2, vec![1]));
    let waited = began.elapsed().as_secs();
    assert!((4..=12).contains(&waited), "{waited}");
}
