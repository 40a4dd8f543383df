//! The fence: only the newest attempt of a target commits, and only while it holds the target.

use chrono::{DateTime, NaiveDate, Utc};
use domain::ledger::{Attempt, View};

use super::dialect::Dialect;
use super::row::row;
use super::statement::statement;
use crate::error::Failure;

// Lets go of the target only for the newest generation, and only while it holds it; locks
// the row, so that no claim is granted until this transaction ends.
const FENCE: &str = "
UPDATE sync_targets SET holder_run = NULL, holder_worker = NULL
WHERE target = $1 AND generation = $2 AND holder_run = $3
RETURNING commit_as_of, commit_created_at, unlisted_since,
          (SELECT created_at FROM sync_runs WHERE id = $3) AS run_created_at,
          (SELECT replace_newer FROM sync_runs WHERE id = $3) AS replace_newer";

row! {
    /// What the fence of a commit tells of the target and of its run.
    pub struct FenceRow {
        commit_as_of: Option<NaiveDate>,
        commit_created_at: Option<DateTime<Utc>>,
        pub unlisted_since: Option<DateTime<Utc>>,
        pub run_created_at: DateTime<Utc>,
        pub replace_newer: bool,
    }
}

impl FenceRow {
    /// The view of the target's last commit; `None` before the first.
    pub fn last_view(&self) -> Option<View> {
        let (as_of, run_created_at) = self.commit_as_of.zip(self.commit_created_at)?;
        Some(View {
            as_of,
            run_created_at,
        })
    }
}

/// Lets go of the target; `None` when the attempt is fenced out.
pub async fn pass<DB: Dialect>(
    connection: &mut DB::Connection,
    attempt: &Attempt,
) -> Result<Option<FenceRow>, Failure> {
    statement::<DB>(FENCE)
        .bind(attempt.job.target.to_string())
        .bind(attempt.generation)
        .bind(attempt.job.run_id.to_string())
        .fetch_optional(connection)
        .await
}
