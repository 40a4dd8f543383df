//! Asking the database until it answers.

use std::time::Duration;

use domain::failure::Disposition;
use runtime::retry::{Delays, RetryError, retry};
use store::StoreError;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// Asks the database, again and again while it is away, until it answers or the worker stops.
///
/// # Errors
/// [`RetryError::Failed`] when the database refuses and would refuse again, [`RetryError::Cancelled`]
/// when `give_back` came before its answer.
pub async fn persist<T, F>(
    give_back: &CancellationToken,
    ask: impl FnMut() -> F,
) -> Result<T, RetryError<StoreError>>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut delays = Delays::new(Duration::from_millis(200), Duration::from_secs(10));
    let pause = |error: &StoreError, delay: Duration| {
        let passing = error.class().disposition() == Disposition::Retry;
        passing.then(|| {
            warn!(after_s = delay.as_secs_f32(), "{error}; asking again");
            delay
        })
    };
    retry(&mut delays, give_back.cancelled(), pause, ask).await
}
