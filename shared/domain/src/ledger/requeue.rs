//! Failed and cancelled jobs that a person enqueues again.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::job::{EmpreendimentoId, RunId};

/// Which jobs to enqueue again: failed ones, and cancelled ones whose empreendimento is named.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RequeueFilter {
    /// Only these empreendimentos; all that failed when empty.
    pub empreendimentos: Vec<EmpreendimentoId>,
    /// Only this cause.
    pub fingerprint: Option<String>,
}

impl fmt::Display for RequeueFilter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ids: Vec<_> = self
            .empreendimentos
            .iter()
            .map(ToString::to_string)
            .collect();
        match (&self.fingerprint, ids.is_empty()) {
            (None, true) => f.write_str("all"),
            (None, false) => write!(f, "empreendimentos {}", ids.join(",")),
            (Some(cause), true) => write!(f, "cause {cause}"),
            (Some(cause), false) => write!(f, "cause {cause}, empreendimentos {}", ids.join(",")),
        }
    }
}

/// A request to enqueue jobs again.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Requeue {
    /// Which jobs.
    pub filter: RequeueFilter,
    /// Accept the checks that failed.
    pub accept_change: bool,
    /// Who asks: user@host.
    pub by: String,
}

/// A recorded requeue of one job.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct RequeueRecord {
    /// The run of the job.
    pub run: RunId,
    /// When.
    pub at: DateTime<Utc>,
    /// Who asked: user@host.
    pub by: String,
    /// The fingerprint of the failure before it; absent when none was recorded.
    pub fingerprint: Option<String>,
    /// Whether the checks that failed were accepted; in JSON under its older name.
    #[serde(rename = "accept_shrink")]
    pub accept_change: bool,
    /// Which checks, with their subjects; empty where none was, or an earlier version asked.
    pub accepted: String,
    /// What was asked for: all, or which causes and empreendimentos.
    pub filter: String,
}
