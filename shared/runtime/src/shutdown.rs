//! Signals: the first asks the process to stop, the second ends it at once.

use tokio_util::sync::CancellationToken;
use tracing::{info, warn};

/// Exit code after a second signal: the shell's code for SIGINT.
const FORCED: i32 = 130;

/// A token cancelled at the first SIGTERM or SIGINT. A second signal ends the process.
///
/// # Errors
/// When the operating system does not let the process listen for signals.
pub fn on_signal() -> std::io::Result<CancellationToken> {
    use tokio::signal::unix::{SignalKind, signal};

    let mut terminate = signal(SignalKind::terminate())?;
    let mut interrupt = signal(SignalKind::interrupt())?;
    let stop = CancellationToken::new();
    let cancelled = stop.clone();
    tokio::spawn(async move {
        let mut next = async || {
            tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            }
        };
        let signal = next().await;
        info!(signal, "stopping; again to force");
        cancelled.cancel();
        let signal = next().await;
        warn!(signal, "forced");
        std::process::exit(FORCED);
    });
    Ok(stop)
}
