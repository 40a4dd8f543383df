//! The start and the end of a process: environment, flags, the command, the exit code.

use std::process::ExitCode;

use clap::Parser;
use runtime::environment;
use store::SchemaName;
use tokio::runtime::Runtime;

use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::help;
use crate::program::Program;

/// Reads the environment and the command line, runs the command, and writes its error. A mistake in
/// the command line ends the process with code 2.
pub fn run<C: Parser>(
    program: Program,
    command: impl AsyncFnOnce(&mut Console<'static>, C) -> Result<Exit, CommandError>,
) -> ExitCode {
    let mut console = Console::stdio(program);
    // While there is one thread, and before the flags are read that it may set.
    let environment = environment::load_dotenv();
    let flags = read(program);
    let result = environment.map_err(CommandError::from).and_then(|()| {
        let runtime = Runtime::new().map_err(|error| CommandError::Other(error.into()))?;
        runtime.block_on(command(&mut console, flags))
    });
    console.conclude(result)
}

fn read<C: Parser>(program: Program) -> C {
    let matches = help::with_examples(C::command(), program).get_matches();
    let schema = matches.get_one("schema").map(SchemaName::to_string);
    environment::set_flags(schema.map(|schema| (store::SCHEMA, schema)));
    C::from_arg_matches(&matches).unwrap_or_else(|error| error.exit())
}
