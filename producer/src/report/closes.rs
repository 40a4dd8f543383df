//! The months that were signed off, and whether what is kept of them is what was signed.

use std::collections::BTreeMap;

use domain::month::Month;
use serde::Serialize;
use store::{CellChange, Close, Store, StoreError};

/// A close, as `closes --json` prints it.
#[derive(Debug, Serialize)]
pub struct ListedClose {
    /// The close.
    #[serde(flatten)]
    pub close: Close,
    /// Figures that differ now; of a close that stands.
    pub moved: Option<usize>,
    /// Whether the digest over the rows that are kept is the one that was signed; absent unless it was
    /// asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verified: Option<bool>,
}

impl ListedClose {
    /// Every close, the newest month first; with their digests computed anew where `verify`.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn all(store: &dyn Store, verify: bool) -> Result<Vec<Self>, StoreError> {
        let changes = store.since_close(None).await?;
        let mut listed = Vec::new();
        for close in store.closes().await? {
            let verified = match verify {
                true => Some(store.digest_of_close(close.id).await? == close.digest),
                false => None,
            };
            listed.push(Self {
                moved: match close.reopened {
                    None => Some(moved(&close, &changes)),
                    Some(_) => None,
                },
                close,
                verified,
            });
        }
        Ok(listed)
    }
}

/// How many of the changes are of rows that a close covers. No two that stand cover the same row.
fn moved(close: &Close, changes: &[CellChange]) -> usize {
    let covered = |change: &&CellChange| close.covers(change.table, &change.key);
    changes.iter().filter(covered).count()
}

/// The closed months of which figures moved since, and how many rows.
///
/// # Errors
/// When the database fails.
pub async fn after_close(store: &dyn Store) -> Result<BTreeMap<Month, usize>, StoreError> {
    let mut moved = BTreeMap::new();
    for change in store.since_close(None).await? {
        *moved.entry(change.key.ref_month).or_default() += 1;
    }
    Ok(moved)
}
