//! What pruning removes.

use super::{Text, text};

/// What rows of a kind are called; none where the page has no word for it.
pub fn pruned(kind: &str) -> Option<Text> {
    Some(match kind {
        "runs" => text("execuções", "runs"),
        "jobs" => text("jobs", "jobs"),
        "attempts" => text("tentativas", "attempts"),
        "checks" => text("verificações", "checks"),
        "requeues" => text("recolocações na fila", "requeues"),
        "actions" => text("ações de pessoas", "actions of people"),
        "workers" => text("workers", "workers"),
        _ => return None,
    })
}
