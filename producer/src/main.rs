//! `producer`: enqueues runs for the workers of a fleet, and shows their state.

use std::process::ExitCode;

use producer::cli::Cli;
use producer::program::Program;
use producer::{fleet, process};

fn main() -> ExitCode {
    process::run(Program::Producer, async |console, Cli { command, .. }| {
        fleet::run(console, command).await
    })
}
