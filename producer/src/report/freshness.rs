//! When a run completed last.

use chrono::{DateTime, Utc};
use domain::job::RunId;
use store::{RunFilter, Store, StoreError};

/// Complete runs of which the last to complete is looked for: one that was recorded earlier may complete
/// later.
const NEWEST_RUNS: u32 = 20;

/// The run that completed last, and when; `None` where none has.
///
/// # Errors
/// When the database fails.
pub async fn last_complete(
    store: &dyn Store,
) -> Result<Option<(RunId, DateTime<Utc>)>, StoreError> {
    let complete = store
        .recent_runs(RunFilter::Complete, None, NEWEST_RUNS)
        .await?;
    let ends = complete
        .into_iter()
        .filter_map(|run| Some((run.run.id, run.finished_at?)));
    Ok(ends.max_by_key(|(_, at)| *at))
}
