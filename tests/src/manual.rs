//! Man pages and completions of all programs, made of their command lines.

use std::fs::{create_dir_all, read_dir};
use std::io;
use std::path::Path;

use clap::{Command, CommandFactory as _, ValueEnum as _};
use clap_complete::{Shell, generate_to};
use producer::help::with_examples;
use producer::program::Program;

/// The command lines of the programs that people use, as `--help` shows them.
pub fn programs() -> [Command; 4] {
    [
        with_examples(producer::cli::Cli::command(), Program::Producer),
        worker::cli::Cli::command(),
        with_examples(web::cli::Cli::command(), Program::Producer),
        with_examples(standalone::cli::Cli::command(), Program::MegaSync),
    ]
}

/// Writes `man/`, a page for each program and each of its commands, and `completions/`, a script
/// for each program and shell, into a folder; returns how many files these two then hold.
///
/// # Errors
/// When they cannot be written.
pub fn write(folder: &Path) -> io::Result<[usize; 2]> {
    let (man, completions) = (folder.join("man"), folder.join("completions"));
    create_dir_all(&man)?;
    create_dir_all(&completions)?;
    for program in programs() {
        for shell in Shell::value_variants() {
            let name = program.get_name().to_owned();
            generate_to(*shell, &mut program.clone(), name, &completions)?;
        }
        clap_mangen::generate_to(program, &man)?;
    }
    Ok([read_dir(man)?.count(), read_dir(completions)?.count()])
}
