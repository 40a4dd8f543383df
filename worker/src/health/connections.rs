//! What a worker needs for its work, how each of it stands, and whether the fleet is paused.

use std::fmt;
use std::time::Duration;

use domain::ledger::Pause;
use domain::session::SessionState;

use crate::worker::Worker;

/// Longest that one of the connections may take to answer before it counts as away.
const TIMEOUT: Duration = Duration::from_secs(5);

/// What work needs; each `Err` says why it is not ready. A pause makes a worker no less ready: it is
/// as somebody wants it.
pub struct Connections {
    database: Result<(), String>,
    migrations: Result<(), String>,
    broker: Result<(), String>,
    sign_in: Result<(), String>,
    erp: Result<(), String>,
    pause: Result<Option<Pause>, String>,
}

impl Connections {
    /// Asks the database and the broker; the ERP is not called for this.
    pub async fn of(worker: &Worker) -> Self {
        let (database, migrations, broker, session, pause) = tokio::join!(
            answer(worker.store.ping()),
            answer(worker.store.pending_migrations()),
            answer(worker.queue.depths()),
            answer(worker.store.session()),
            answer(worker.store.pause_of_fleet()),
        );
        Self {
            database,
            migrations: migrations.and_then(none_pending),
            broker: broker.map(|_| ()),
            sign_in: session.and_then(not_refused),
            erp: match worker.mega.is_known_to_be_away() {
                true => Err("most calls fail; work waits until it answers".to_owned()),
                false => Ok(()),
            },
            pause,
        }
    }

    /// Whether work can be done.
    pub fn are_ready(&self) -> bool {
        self.named().iter().all(|(_, state)| state.is_ok())
    }

    fn named(&self) -> [(&'static str, &Result<(), String>); 5] {
        [
            ("database", &self.database),
            ("migrations", &self.migrations),
            ("broker", &self.broker),
            ("sign-in", &self.sign_in),
            ("erp", &self.erp),
        ]
    }
}

impl fmt::Display for Connections {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (name, state) in self.named() {
            match state {
                Ok(()) => writeln!(f, "{name}: ok")?,
                Err(why) => writeln!(f, "{name}: {why}")?,
            }
        }
        match &self.pause {
            Ok(None) => writeln!(f, "paused: no"),
            Ok(Some(pause)) => writeln!(f, "paused: {pause}"),
            Err(_) => writeln!(f, "paused: not known"),
        }
    }
}

/// The answer of one connection, or why there is none.
pub async fn answer<T, E: ToString>(
    asked: impl Future<Output = Result<T, E>>,
) -> Result<T, String> {
    match tokio::time::timeout(TIMEOUT, asked).await {
        Ok(answer) => answer.map_err(|error| error.to_string()),
        Err(_elapsed) => Err(format!("no answer within {} s", TIMEOUT.as_secs())),
    }
}

fn none_pending(pending: u64) -> Result<(), String> {
    match pending {
        0 => Ok(()),
        pending => Err(format!("{pending} not applied")),
    }
}

fn not_refused(session: SessionState) -> Result<(), String> {
    match session.refused {
        Some(refusal) => Err(format!("refused at {}: {}", refusal.at, refusal.why)),
        None => Ok(()),
    }
}
