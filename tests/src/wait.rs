//! Waiting for a condition, and never without an end.

use std::time::Duration;

use anyhow::Context as _;

/// The longest that a test waits for anything.
pub const LONGEST_WAIT: Duration = Duration::from_secs(90);

/// How often a condition is looked at.
const EVERY: Duration = Duration::from_millis(50);

/// Looks at a condition until it holds.
///
/// # Errors
/// When looking fails, or the condition does not hold within [`LONGEST_WAIT`]; names `what` then.
pub async fn until(
    what: &str,
    holds: impl AsyncFnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    until_within(LONGEST_WAIT, what, holds).await
}

/// The same with another limit.
///
/// # Errors
/// As [`until`].
pub async fn until_within(
    limit: Duration,
    what: &str,
    mut holds: impl AsyncFnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    found_within(limit, what, async || Ok(holds().await?.then_some(()))).await
}

/// Looks until there is something to find.
///
/// # Errors
/// As [`until`].
pub async fn found<T>(
    what: &str,
    look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    found_within(LONGEST_WAIT, what, look).await
}

async fn found_within<T>(
    limit: Duration,
    what: &str,
    mut look: impl AsyncFnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let looking = async {
        let mut ticks = tokio::time::interval(EVERY);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            ticks.tick().await;
            if let Some(found) = look().await? {
                return anyhow::Ok(found);
            }
        }
    };
    tokio::time::timeout(limit, looking)
        .await
        .with_context(|| format!("not within {} s: {what}", limit.as_secs()))?
}
