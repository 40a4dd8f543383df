//! The actions of people that are neither a backfill nor a requeue.

use chrono::{DateTime, Utc};
use domain::job::RunId;
use domain::ledger::{ActionRecord, NewAction};

use super::dialect::Dialect;
use super::row::row;
use super::statement::statement;
use crate::error::Failure;

const RECORD: &str = "
INSERT INTO sync_actions (at, by, what, run_id, about, why) VALUES ($1, $2, $3, $4, $5, $6)";

const OF_RUN: &str =
    "SELECT at, by, what, about, why FROM sync_actions WHERE run_id = $1 ORDER BY at";

row! {
    /// A row of `sync_actions`.
    struct ActionRow {
        at: DateTime<Utc>,
        by: String,
        what: String,
        about: Option<String>,
        why: Option<String>,
    }
}

impl ActionRow {
    /// `None` for a kind that only a newer build knows: an older one goes on beside it.
    fn into_record(self) -> Option<ActionRecord> {
        Some(ActionRecord {
            at: self.at,
            by: self.by,
            what: self.what.parse().ok()?,
            about: self.about,
            why: self.why,
        })
    }
}

/// Records what somebody does now.
pub async fn record<DB: Dialect>(
    connection: &mut DB::Connection,
    action: NewAction<'_>,
) -> Result<(), Failure> {
    let now = DB::now(connection).await?;
    statement::<DB>(RECORD)
        .bind(now)
        .bind(action.by.to_owned())
        .bind(action.what.name().to_owned())
        .bind(action.run.map(ToString::to_string))
        .bind(action.about.map(str::to_owned))
        .bind(action.why.map(str::to_owned))
        .execute(connection)
        .await?;
    Ok(())
}

/// The actions of a run, the oldest first.
pub async fn of_run<DB: Dialect>(
    connection: &mut DB::Connection,
    run: &RunId,
) -> Result<Vec<ActionRecord>, Failure> {
    let rows: Vec<ActionRow> = statement::<DB>(OF_RUN)
        .bind(run.to_string())
        .fetch_all(connection)
        .await?;
    Ok(rows
        .into_iter()
        .filter_map(ActionRow::into_record)
        .collect())
}
