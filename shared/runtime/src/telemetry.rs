//! Logs on stderr: readable on a terminal, JSON elsewhere. stdout is for data.

use std::io::IsTerminal as _;

use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt;
use tracing_subscriber::prelude::*;

/// The level unless `RUST_LOG` sets another.
const DEFAULT_LEVEL: &str = "info";
/// The levels of libraries. lapin is off because it quotes whole message bodies; the queue crate logs
/// its errors.
const LIBRARIES: &str = "lapin=off,sqlx=warn,hyper=warn,reqwest=warn";

/// How log lines look.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum LogFormat {
    /// Readable on a terminal, JSON elsewhere.
    #[default]
    Auto,
    /// Readable.
    Human,
    /// One JSON object a line.
    Json,
}

/// Starts logging for the process. `quiet_by_default` shows warnings only, for commands whose
/// output is an answer; `RUST_LOG` overrides it.
pub fn init(format: LogFormat, quiet_by_default: bool) {
    let level = if quiet_by_default {
        "warn"
    } else {
        DEFAULT_LEVEL
    };
    let default = || EnvFilter::new(format!("{level},{LIBRARIES}"));
    let filter = EnvFilter::try_from_default_env().unwrap_or_else(|_| default());
    let terminal = std::io::stderr().is_terminal();
    let colour = terminal && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let json = match format {
        LogFormat::Auto => !terminal,
        LogFormat::Human => false,
        LogFormat::Json => true,
    };
    let registry = tracing_subscriber::registry().with(filter);
    if json {
        let layer = fmt::layer()
            .json()
            .flatten_event(true)
            .with_current_span(true);
        registry
            .with(layer.with_span_list(false).with_writer(std::io::stderr))
            .init();
    } else {
        let layer = fmt::layer().with_target(false).with_ansi(colour);
        registry.with(layer.with_writer(std::io::stderr)).init();
    }
}
