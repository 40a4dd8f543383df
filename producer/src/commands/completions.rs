//! `completions`: what a shell needs to complete a command line.

use clap::Command;
use clap_complete::generate;

use crate::cli::CompletionsArgs;
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;

/// Prints the shell's script for this program, whose command line is `command`.
///
/// # Errors
/// When it cannot be written.
pub fn completions(
    console: &mut Console<'_>,
    mut command: Command,
    args: &CompletionsArgs,
) -> Result<Exit, CommandError> {
    let mut script = Vec::new();
    let name = console.program().name();
    generate(args.shell, &mut command, name, &mut script);
    console.data(&String::from_utf8_lossy(&script))?;
    Ok(Exit::Done)
}

#[cfg(test)]
mod tests {
    use clap::{CommandFactory as _, ValueEnum as _};
    use clap_complete::Shell;

    use super::*;
    use crate::cli::Cli;
    use crate::program::Program;

    #[test]
    fn every_shell_learns_every_command() {
        for shell in Shell::value_variants() {
            let (mut out, args) = (Vec::new(), CompletionsArgs { shell: *shell });
            let mut console = Console::captured(Program::Producer, &mut out, std::io::sink());
            completions(&mut console, Cli::command(), &args).unwrap();
            drop(console);
            let script = String::from_utf8(out).unwrap();
            for command in Cli::command().get_subcommands() {
                let name = command.get_name();
                assert!(script.contains(name), "{shell} does not know {name}");
            }
        }
    }
}
