//! What differs between the manifests of two commits.

use domain::manifest::Manifest;
use domain::money::Amount;
use serde::Serialize;

/// A total of a manifest in two commits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Change {
    /// `contratos`, `records`, or a measure's `read` or `published` amount.
    pub what: String,
    /// In the commit before.
    pub before: String,
    /// In this commit.
    pub after: String,
    /// After less before.
    pub difference: String,
}

/// The totals of two manifests: counts first, then amounts by measure.
pub(crate) fn changes(before: &Manifest, now: &Manifest) -> Vec<Change> {
    let count = |what: &str, before: u64, after: u64| Change {
        what: what.to_owned(),
        before: before.to_string(),
        after: after.to_string(),
        difference: format!("{:+}", i128::from(after) - i128::from(before)),
    };
    let mut changes = vec![
        count("contratos", before.contratos_listed, now.contratos_listed),
        count("records", before.records_read, now.records_read),
        count(
            "rejected",
            before.records_rejected(),
            now.records_rejected(),
        ),
    ];
    let mut measures: Vec<_> = before.balances.keys().chain(now.balances.keys()).collect();
    measures.sort();
    measures.dedup();
    for measure in measures {
        let of = |manifest: &Manifest| manifest.balances.get(measure).copied().unwrap_or_default();
        let (before, now) = (of(before), of(now));
        changes.push(amount(format!("{measure} read"), before.source, now.source));
        let published = format!("{measure} published");
        changes.push(amount(published, before.published, now.published));
    }
    changes
}

fn amount(what: String, before: Amount, after: Amount) -> Change {
    let difference = after - before;
    let sign = if difference.is_positive() { "+" } else { "" };
    Change {
        what,
        before: before.to_string(),
        after: after.to_string(),
        difference: format!("{sign}{difference}"),
    }
}
