//! The output of a command: data on stdout, narration on stderr.

use std::io::{self, IsTerminal as _, Write};
use std::process::ExitCode;

use anyhow::{Context as _, anyhow};
use domain::ledger::operator;

use crate::error::CommandError;
use crate::exit::Exit;
use crate::program::Program;

/// The two streams of a command, and the program it belongs to.
pub struct Console<'a> {
    program: Program,
    asks: String,
    out: Box<dyn Write + Send + 'a>,
    err: Box<dyn Write + Send + 'a>,
    terminal: bool,
    interactive: bool,
}

impl Console<'static> {
    /// The process's own stdout and stderr.
    pub fn stdio(program: Program) -> Self {
        Self {
            program,
            asks: operator(),
            out: Box::new(io::stdout()),
            err: Box::new(io::stderr()),
            terminal: io::stderr().is_terminal(),
            interactive: io::stderr().is_terminal() && io::stdout().is_terminal(),
        }
    }
}

impl<'a> Console<'a> {
    /// Any two streams, neither a terminal.
    pub fn captured(
        program: Program,
        out: impl Write + Send + 'a,
        err: impl Write + Send + 'a,
    ) -> Self {
        Self {
            program,
            asks: operator(),
            out: Box::new(out),
            err: Box::new(err),
            terminal: false,
            interactive: false,
        }
    }

    /// The same for somebody who asks from elsewhere.
    pub fn for_whom(self, asks: String) -> Self {
        Self { asks, ..self }
    }

    /// The program.
    pub fn program(&self) -> Program {
        self.program
    }

    /// Who asks for the command, for the ledger: `user@host`.
    pub fn who_asks(&self) -> String {
        self.asks.clone()
    }

    /// Whether narration may be redrawn in place.
    pub(crate) fn is_terminal(&self) -> bool {
        self.terminal
    }

    /// Whether both streams go to a terminal.
    pub(crate) fn is_interactive(&self) -> bool {
        self.interactive
    }

    /// Writes text with its line ends to stdout.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn data(&mut self, text: &str) -> Result<(), CommandError> {
        self.out
            .write_all(text.as_bytes())
            .and_then(|()| self.out.flush())
            .map_err(CommandError::Output)
    }

    /// Writes a value as indented JSON to stdout.
    ///
    /// # Errors
    /// When it cannot be written.
    pub(crate) fn json(&mut self, value: &impl serde::Serialize) -> Result<(), CommandError> {
        let text = serde_json::to_string_pretty(value).expect("plain data has a JSON form");
        self.data(&format!("{text}\n"))
    }

    /// Asks for a secret with a prompt, which a terminal does not show; reads a line of stdin where there
    /// is no terminal.
    ///
    /// # Errors
    /// When nothing can be read, or nothing was said.
    pub fn secret(&mut self, prompt: &str) -> Result<String, CommandError> {
        let term = console::Term::stderr();
        let read = || match io::stdin().is_terminal() && term.is_term() {
            true => {
                term.write_str(prompt)?;
                term.read_secure_line()
            }
            false => {
                let mut line = String::new();
                io::stdin().read_line(&mut line).map(|_| line)
            }
        };
        let line = read().context("stdin cannot be read")?;
        let secret = line.trim_end_matches(['\r', '\n']);
        if secret.is_empty() {
            return Err(anyhow!("no password on stdin").into());
        }
        Ok(secret.to_owned())
    }

    /// Writes a line to stderr. A failure is ignored: then there is no reader.
    pub fn narrate(&mut self, line: &str) {
        _ = writeln!(self.err, "{line}");
    }

    /// Writes the error of a command, with its hint, and returns the process's exit code.
    pub fn conclude(&mut self, result: Result<Exit, CommandError>) -> ExitCode {
        let error = match result {
            Ok(exit) => return exit.into(),
            Err(error) if error.is_closed_pipe() => return Exit::Done.into(),
            Err(error) => error,
        };
        self.narrate(&format!("error: {error}"));
        if let Some(hint) = error.hint(self.program) {
            self.narrate(&format!("hint: {hint}"));
        }
        error.exit().into()
    }
}
