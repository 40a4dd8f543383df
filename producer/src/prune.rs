//! Pruning: what is old, and what nothing names, leaves the ledger and the dead queue.

use std::sync::Mutex;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Days, Utc};
use domain::job::JobMessage;
use queue::{DeadLetter, DeadLetterFilter, Envelope, Queue};
use runtime::environment::Source;
use serde::Serialize;
use store::{Pruned, Store, StoreError};

use crate::broker::Broker;
use crate::error::CommandError;

/// What is older is pruned, unless a setting says otherwise.
pub const DEFAULT_AFTER: &str = "400d";
/// The setting that says otherwise.
const AFTER: &str = "MEGA_SYNC_PRUNE_AFTER";
/// What pages and metrics tell of the last days is never pruned.
const LEAST_DAYS: u64 = 30;
const MOST_DAYS: u64 = 36_600;
/// What an age may be.
const AN_AGE: &str = "days, from 30d to 36600d, such as 400d";

/// What was removed, or would be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PruneReport {
    /// What is older.
    pub before: DateTime<Utc>,
    /// Rows of the ledger, by kind.
    pub removed: Pruned,
    /// Copies in the dead queue; absent where nobody looked at it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dead_letters: Option<u64>,
}

/// Prunes the ledger, and the dead queue where there is one.
///
/// # Errors
/// When a service fails. What was removed until then stays removed.
pub async fn prune(
    store: &dyn Store,
    queue: Option<&dyn Queue>,
    before: DateTime<Utc>,
) -> Result<PruneReport, CommandError> {
    let removed = store.prune(before).await?;
    let dead_letters = match queue {
        Some(queue) => Some(sweep(store, queue).await?),
        None => None,
    };
    Ok(PruneReport {
        before,
        removed,
        dead_letters,
    })
}

/// Prunes what is older than so many days before `now`, once a day: `None` when somebody, here or elsewhere,
/// has begun to within the last day. Records `by`, user@host, as who did it.
///
/// # Errors
/// As [`prune`]. The next try is a day later.
pub async fn daily(
    store: &dyn Store,
    broker: Option<&Broker>,
    after: Days,
    by: &str,
    now: DateTime<Utc>,
) -> Result<Option<PruneReport>, CommandError> {
    const DAY: Duration = Duration::from_secs(24 * 60 * 60);
    let before = now - after;
    if !store.begin_prune(by, before, Some(DAY)).await? {
        return Ok(None);
    }
    let mut report = prune(store, None, before).await?;
    // Afterwards: a broker that is away keeps nobody from the ledger.
    if let Some(broker) = broker {
        let queue = broker.queue().await?;
        report.dead_letters = Some(sweep(store, &*queue).await?);
    }
    Ok(Some(report))
}

/// `MEGA_SYNC_PRUNE_AFTER`, for a process that prunes by itself.
pub fn after(source: &mut Source<'_>) -> Option<Days> {
    let text = source.optional(AFTER);
    let age = parse_age(text.as_deref().unwrap_or(DEFAULT_AFTER));
    if let (Err(expected), Some(text)) = (age, text) {
        source.problem(format!("{AFTER} is {text:?}: {expected}"));
    }
    age.ok()
}

/// An age such as `400d`: 30 days at least.
///
/// # Errors
/// For any other text.
pub fn parse_age(text: &str) -> Result<Days, &'static str> {
    let days = text.trim().strip_suffix('d').map(str::parse::<u64>);
    match days {
        Some(Ok(days @ LEAST_DAYS..=MOST_DAYS)) => Ok(Days::new(days)),
        _ => Err(AN_AGE),
    }
}

/// Removes the copies whose job the ledger no longer has, or has as done or superseded. What is no job stays
/// for a person to look at.
async fn sweep(store: &dyn Store, queue: &dyn Queue) -> Result<u64, CommandError> {
    let unsettled = Unsettled {
        store,
        failed: Mutex::default(),
    };
    let removed = queue.sweep_dead(&unsettled).await?;
    let failed = unsettled.failed.into_inner();
    match failed.expect("nobody panics with it") {
        Some(error) => Err(error.into()),
        None => Ok(removed),
    }
}

/// Keeps the copies of jobs that are open or failed.
struct Unsettled<'a> {
    store: &'a dyn Store,
    /// Why it could not go on.
    failed: Mutex<Option<StoreError>>,
}

#[async_trait]
impl DeadLetterFilter for Unsettled<'_> {
    async fn decide(&self, message: &Envelope) -> DeadLetter {
        let Ok(job) = JobMessage::decode(&message.body) else {
            return DeadLetter::Keep;
        };
        match self.store.is_unsettled(&job.run_id, job.target).await {
            Ok(true) => DeadLetter::Keep,
            Ok(false) => DeadLetter::Remove,
            Err(error) => {
                *self.failed.lock().expect("nobody panics with it") = Some(error);
                DeadLetter::Stop
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_age_is_in_days_and_not_too_short() {
        for (text, days) in [("400d", 400), (" 30d ", 30), ("36600d", 36_600)] {
            assert_eq!(parse_age(text), Ok(Days::new(days)), "{text}");
        }
        for text in [
            "",
            "400",
            "29d",
            "0d",
            "-40d",
            "36601d",
            "13m",
            "4h",
            "99999999999999999999d",
        ] {
            assert_eq!(parse_age(text), Err(AN_AGE), "{text}");
        }
        assert!(parse_age(DEFAULT_AFTER).is_ok());
    }

    #[test]
    fn the_setting_is_read_or_found_wrong() {
        let read = |value: Option<&'static str>| {
            let mut source = Source::of(move |name| {
                let value = value.map(str::to_owned);
                value.filter(|_| name == AFTER)
            });
            let after = after(&mut source);
            source.finish(after).map_err(|error| error.to_string())
        };
        assert_eq!(read(None), Ok(Days::new(400)));
        assert_eq!(read(Some("45d")), Ok(Days::new(45)));
        let error = read(Some("10d")).unwrap_err();
        assert!(
            error.contains("MEGA_SYNC_PRUNE_AFTER is \"10d\": days, from 30d"),
            "{error}"
        );
    }
}
