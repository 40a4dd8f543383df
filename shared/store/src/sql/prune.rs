//! Removing what is old, a run or some rows a transaction.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::job::{RunId, Target};
use domain::ledger::{Action, NewAction};
use domain::store_error::StoreError;
use serde_json::json;
use sqlx::AssertSqlSafe;
use sqlx::types::{Json, JsonValue};
use tokio::time::{Instant, sleep};

use super::actions;
use super::dialect::Dialect;
use super::old_rows::{BATCH, BY_AGE, ByAge, JOBS, OF_HISTORY, OF_RUN, RUNS};
use super::prunable::{OldRow, old};
use super::row::row;
use super::sql_store::{SqlStore, in_time};
use super::statement::{Statement, statement};
use crate::error::Failure;
use crate::pruning::{Pruned, Pruning};

// A job that was requeued meanwhile stays, and with it the run.
const REMOVE_JOBS: &str = "
DELETE FROM sync_jobs
WHERE run_id = $1 AND state IN ('done', 'superseded', 'failed', 'cancelled') AND finished_at < $2";

const REMOVE_RUN: &str = "
DELETE FROM sync_runs WHERE id = $1 AND NOT EXISTS (SELECT 1 FROM sync_jobs WHERE run_id = $1)";

const BEGUN: &str =
    "SELECT COUNT(*) AS quantity FROM sync_actions WHERE what = 'prune' AND at > $1";

const UNSETTLED: &str = "
SELECT COUNT(*) AS quantity FROM sync_jobs
WHERE run_id = $1 AND target = $2 AND state NOT IN ('done', 'superseded', 'cancelled')";

row! {
    /// How many rows there are.
    struct QuantityRow {
        quantity: i64,
    }
}

impl QuantityRow {
    fn rows(&self) -> u64 {
        self.quantity.unsigned_abs()
    }
}

#[async_trait]
impl<DB: Dialect> Pruning for SqlStore<DB> {
    async fn prunable(&self, before: DateTime<Utc>) -> Result<Pruned, StoreError> {
        in_time(async {
            let mut connection = self.connection().await?;
            let runs = old::<DB>(&mut connection, before).await?;
            let mut found = nothing();
            let (in_history, whole): (Vec<_>, Vec<_>) =
                runs.into_iter().partition(|run| run.in_history);
            found.add(RUNS, whole.len() as u64);
            for (kind, table) in OF_RUN.into_iter().chain([(JOBS, "sync_jobs")]) {
                let rows = counted::<DB>(table, "")
                    .bind(listed(&whole))
                    .fetch_one::<QuantityRow>(&mut connection)
                    .await?;
                found.add(kind, rows.rows());
            }
            for (kind, table, past) in OF_HISTORY {
                let rows = counted::<DB>(table, past)
                    .bind(listed(&in_history))
                    .bind(before)
                    .fetch_one::<QuantityRow>(&mut connection)
                    .await?;
                found.add(kind, rows.rows());
            }
            for ByAge {
                kind, table, older, ..
            } in BY_AGE
            {
                // Built of constants alone.
                let count = AssertSqlSafe(format!(
                    "SELECT COUNT(*) AS quantity FROM {table} WHERE {older}"
                ));
                let rows: QuantityRow = statement::<DB>(count)
                    .bind(before)
                    .fetch_one(&mut connection)
                    .await?;
                found.add(kind, rows.rows());
            }
            Ok(found)
        })
        .await
    }

    async fn prune(&self, before: DateTime<Utc>) -> Result<Pruned, StoreError> {
        let mut removed = nothing();
        let runs =
            in_time(async { old::<DB>(&mut *self.connection().await?, before).await }).await?;
        for run in runs {
            let began = Instant::now();
            let of_run = in_time(self.prune_run(&run, before)).await?;
            for (kind, rows) in of_run {
                removed.add(kind, rows);
            }
            give_way(began).await;
        }
        for by_age in &BY_AGE {
            loop {
                let began = Instant::now();
                let rows = in_time(self.prune_batch(by_age, before)).await?;
                removed.add(by_age.kind, rows);
                if rows < BATCH {
                    break;
                }
                give_way(began).await;
            }
        }
        Ok(removed)
    }

    async fn begin_prune(
        &self,
        by: &str,
        before: DateTime<Utc>,
        unless_within: Option<Duration>,
    ) -> Result<bool, StoreError> {
        in_time(async {
            let mut tx = self.begin().await?;
            DB::lock_prune(&mut tx).await?;
            if let Some(within) = unless_within {
                let now = DB::now(&mut tx).await?;
                let begun: QuantityRow = statement::<DB>(BEGUN)
                    .bind(now - within)
                    .fetch_one(&mut tx)
                    .await?;
                if begun.quantity > 0 {
                    tx.rollback().await?;
                    return Ok(false);
                }
            }
            let about = format!("before {}", before.date_naive());
            let action = NewAction {
                about: Some(&about),
                ..NewAction::new(Action::Prune, by)
            };
            actions::record::<DB>(&mut tx, action).await?;
            tx.commit().await?;
            Ok(true)
        })
        .await
    }

    async fn is_unsettled(&self, run: &RunId, target: Target) -> Result<bool, StoreError> {
        in_time(async {
            let jobs: QuantityRow = statement::<DB>(UNSETTLED)
                .bind(run.to_string())
                .bind(target.to_string())
                .fetch_one(&mut *self.connection().await?)
                .await?;
            Ok(jobs.quantity > 0)
        })
        .await
    }
}

impl<DB: Dialect> SqlStore<DB> {
    /// One transaction: the run as a whole or, where the history names it, its attempts and checks.
    async fn prune_run(
        &self,
        run: &OldRow,
        before: DateTime<Utc>,
    ) -> Result<Vec<(&'static str, u64)>, Failure> {
        let mut tx = self.begin().await?;
        let mut removed = Vec::new();
        if run.in_history {
            for (kind, table, past) in OF_HISTORY {
                // Built of constants alone, as below.
                let remove = format!("DELETE FROM {table} WHERE run_id = $1 AND {past}");
                let rows = statement::<DB>(AssertSqlSafe(remove))
                    .bind(run.id.clone())
                    .bind(before)
                    .execute(&mut tx)
                    .await?;
                removed.push((kind, rows));
            }
            tx.commit().await?;
            return Ok(removed);
        }
        for (kind, table) in OF_RUN {
            let remove = format!("DELETE FROM {table} WHERE run_id = $1");
            let rows = statement::<DB>(AssertSqlSafe(remove))
                .bind(run.id.clone())
                .execute(&mut tx)
                .await?;
            removed.push((kind, rows));
        }
        let jobs = statement::<DB>(REMOVE_JOBS)
            .bind(run.id.clone())
            .bind(before)
            .execute(&mut tx)
            .await?;
        let runs = statement::<DB>(REMOVE_RUN)
            .bind(run.id.clone())
            .execute(&mut tx)
            .await?;
        if runs == 0 {
            tx.rollback().await?;
            return Ok(Vec::new());
        }
        tx.commit().await?;
        removed.extend([(JOBS, jobs), (RUNS, runs)]);
        Ok(removed)
    }

    /// Some rows of a table, at most [`BATCH`].
    async fn prune_batch(&self, by_age: &ByAge, before: DateTime<Utc>) -> Result<u64, Failure> {
        let ByAge {
            table, key, older, ..
        } = by_age;
        // Built of constants alone.
        let remove = AssertSqlSafe(format!(
            "DELETE FROM {table} WHERE ({key}) IN (SELECT {key} FROM {table} WHERE {older} LIMIT {BATCH})"
        ));
        statement::<DB>(remove)
            .bind(before)
            .execute(&mut *self.connection().await?)
            .await
    }
}

/// No rows of any kind.
fn nothing() -> Pruned {
    let mut nothing = Pruned::default();
    let of_run = OF_RUN.iter().map(|(kind, _)| *kind);
    let by_age = BY_AGE.iter().map(|by_age| by_age.kind);
    for kind in of_run.chain(by_age).chain([JOBS, RUNS]) {
        nothing.add(kind, 0);
    }
    nothing
}

/// Counts the rows of the runs of a list, $1, that meet a condition if there is one.
fn counted<DB: Dialect>(table: &str, past: &str) -> Statement<DB> {
    let and = if past.is_empty() { "" } else { " AND " };
    let each = DB::JSON_EACH;
    // Built of constants alone.
    statement(AssertSqlSafe(format!(
        "SELECT COUNT(*) AS quantity FROM {table} \
         WHERE run_id IN (SELECT value ->> 'id' FROM {each}($1) AS value){and}{past}"
    )))
}

fn listed(runs: &[OldRow]) -> Json<JsonValue> {
    Json(runs.iter().map(|run| json!({ "id": run.id })).collect())
}

/// Waits as long as the last transaction took: another process that writes to a SQLite file looks now and
/// then whether it is free, and between transactions in a row it would not be.
async fn give_way(began: Instant) {
    sleep(began.elapsed()).await;
}
