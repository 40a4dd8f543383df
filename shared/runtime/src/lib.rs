//! What a process needs whatever it does: its environment, logs, signals, TLS, and delays between
//! tries.

pub mod environment;
pub mod retry;
pub mod shutdown;
pub mod telemetry;
pub mod tls;
