//! Whether what was read is what was published.

use std::collections::BTreeMap;

use domain::manifest::{Balance, Manifest};

/// Whether everything read is published or knowingly set aside, by measure.
pub(crate) fn balances(manifest: &Manifest) -> BTreeMap<String, bool> {
    manifest
        .balances
        .iter()
        .map(|(measure, balance)| (measure.clone(), adds_up(balance)))
        .collect()
}

/// Whether everything read is published or knowingly set aside, to the last decimal.
pub(crate) fn adds_up(balance: &Balance) -> bool {
    balance.source == balance.accounted()
}
