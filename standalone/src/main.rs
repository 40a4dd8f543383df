//! `mega-sync`: producer and worker in one process, over an in-process queue.

mod commands;
mod demo;
mod engine;
mod serve;

use std::process::ExitCode;

use producer::process;
use producer::program::Program;
use standalone::cli::Cli;

fn main() -> ExitCode {
    process::run(Program::MegaSync, async |console, Cli { command, .. }| {
        commands::run(console, command).await
    })
}
