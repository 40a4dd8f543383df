//! Workers, and who runs a process.

use std::fmt;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

use crate::job::{RunId, Target};

/// What the name of a worker begins with that takes open jobs from the ledger.
const SERVING: &str = "serve:";

/// A worker process, named `host-pid-letters`, with `serve:` before it where it takes open jobs from the
/// ledger instead of a broker.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct WorkerId(String);

impl WorkerId {
    /// A new name for this process.
    pub fn of_this_process() -> Self {
        let host = host();
        let letters: String = std::iter::repeat_with(fastrand::lowercase)
            .take(4)
            .collect();
        Self(format!("{host}-{}-{letters}", std::process::id()))
    }

    /// The same for a worker that takes open jobs from the ledger.
    pub fn of_this_serving_process() -> Self {
        Self(format!("{SERVING}{}", Self::of_this_process().0))
    }

    /// Whether it takes open jobs from the ledger.
    pub fn is_serving(&self) -> bool {
        self.0.starts_with(SERVING)
    }

    /// A worker of a given name.
    pub fn named(name: impl Into<String>) -> Self {
        Self(name.into())
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for WorkerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A live worker, and the jobs it works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LivingWorker {
    /// Its name.
    pub id: WorkerId,
    /// When it started.
    pub started_at: DateTime<Utc>,
    /// When it last sent a heartbeat.
    pub heartbeat_at: DateTime<Utc>,
    /// Its jobs of all runs, ordered by the start of their attempts.
    pub jobs: Vec<JobInHand>,
}

/// A job that a worker works on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JobInHand {
    /// Its run.
    pub run: RunId,
    /// What it works on.
    pub target: Target,
    /// Its name for people.
    pub nome: String,
    /// When the attempt began.
    pub since: DateTime<Utc>,
}

/// Who runs this process, as `user@host`.
pub fn operator() -> String {
    let user = std::env::var("USER").unwrap_or_default();
    let user = match user.trim() {
        "" => "unknown",
        user => user,
    };
    format!("{user}@{}", host())
}

/// This machine's name.
fn host() -> String {
    std::env::var("HOSTNAME")
        .ok()
        .or_else(|| std::fs::read_to_string("/etc/hostname").ok())
        .map(|name| name.trim().to_owned())
        .filter(|name| !name.is_empty())
        .unwrap_or_else(|| "localhost".to_owned())
}
