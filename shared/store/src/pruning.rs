//! Removing what is old from the ledger.

use std::collections::BTreeMap;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use domain::job::{RunId, Target};
use domain::store_error::StoreError;
use serde::Serialize;

/// Removes runs that ended before a time, with their jobs, attempts, checks, requeues and actions, and what
/// else is older.
///
/// A run stays whole while a row of a published table or of a close is its, while it is one of the last two
/// commits of a target, or of the two that `explain` compares, while it has an open job or a failed one for
/// months that no later run has committed, when it took history over, and when it is the newest. A run that
/// only the history of the figures names keeps its jobs, and loses its attempts and checks.
#[async_trait]
pub trait Pruning: Send + Sync {
    /// What [`Pruning::prune`] would remove now. Changes nothing.
    async fn prunable(&self, before: DateTime<Utc>) -> Result<Pruned, StoreError>;

    /// Removes what is older than `before` and that nothing names, a run a transaction, so that nobody who
    /// writes waits for long. What it had removed when it fails stays removed.
    async fn prune(&self, before: DateTime<Utc>) -> Result<Pruned, StoreError>;

    /// Records that somebody, `by`, user@host, begins to prune what is older than `before`. `false`, and
    /// nothing is recorded, where somebody has begun to prune within `unless_within`.
    async fn begin_prune(
        &self,
        by: &str,
        before: DateTime<Utc>,
        unless_within: Option<Duration>,
    ) -> Result<bool, StoreError>;

    /// Whether the ledger has this job and it is neither done nor superseded.
    async fn is_unsettled(&self, run: &RunId, target: Target) -> Result<bool, StoreError>;
}

/// Rows that were removed, or would be, by kind: `runs`, `jobs`, `attempts`, `workers` and so on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Pruned(BTreeMap<&'static str, u64>);

impl Pruned {
    /// Those of a kind.
    pub fn of(&self, kind: &str) -> u64 {
        self.0.get(kind).copied().unwrap_or_default()
    }

    /// Each kind with its rows, in alphabetical order; kinds of which there were none as well.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, u64)> {
        self.0.iter().map(|(kind, rows)| (*kind, *rows))
    }

    pub(crate) fn add(&mut self, kind: &'static str, rows: u64) {
        *self.0.entry(kind).or_default() += rows;
    }
}
