//! Asking the database until it answers.

use std::time::Duration;

use domain::failure::Disposition;
use runtime::retry::Delays;
use store::StoreError;
use tokio_util::sync::CancellationToken;
use tracing::warn;

/// What came of asking the database.
pub enum Persisted<T> {
    /// Its answer.
    Yes(T),
    /// It refused, and would refuse again.
    Refused(StoreError),
    /// The worker stopped before the database answered.
    GivenBack,
}

/// Asks the database, again and again while it is away, until it answers or the worker stops.
pub async fn persist<T, F>(
    give_back: &CancellationToken,
    mut ask: impl FnMut() -> F,
) -> Persisted<T>
where
    F: Future<Output = Result<T, StoreError>>,
{
    let mut delays = Delays::new(Duration::from_millis(200), Duration::from_secs(10));
    loop {
        match ask().await {
            Ok(answer) => return Persisted::Yes(answer),
            Err(error) if error.class().disposition() == Disposition::Retry => {
                let delay = delays.next_delay();
                warn!(after_s = delay.as_secs_f32(), "{error}; asking again");
                tokio::select! {
                    () = tokio::time::sleep(delay) => {}
                    () = give_back.cancelled() => return Persisted::GivenBack,
                }
            }
            Err(error) => return Persisted::Refused(error),
        }
    }
}
