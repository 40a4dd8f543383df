//! What was pruned.

use std::fmt::Write as _;

use crate::prune::PruneReport;
use crate::text::day_of;

/// A line for each kind; ends with a line end.
pub(crate) fn pruned(report: &PruneReport) -> String {
    let mut text = format!("older than {}\n", day_of(report.before));
    let dead = report.dead_letters.map(|copies| ("dead letters", copies));
    for (kind, count) in report.removed.iter().chain(dead) {
        _ = writeln!(text, "{count:>9} {kind}");
    }
    text
}
