//! What every process needs: settings from the environment, logs, signals, TLS and retries.

pub mod environment;
pub mod retry;
pub mod shutdown;
pub mod telemetry;
pub mod tls;
