//! What is wrong with a form that cannot be acted on.

use producer::cli::said;
use producer::error::CommandError;
use producer::program::Program;

use crate::words::Words;

/// Why a form is not acted on.
pub enum Refusal {
    /// A field cannot be read.
    Field(clap::Error),
    /// As the command says.
    Command(CommandError),
}

impl From<CommandError> for Refusal {
    fn from(error: CommandError) -> Self {
        Self::Command(error)
    }
}

/// The same for the person who sent it: what it means, and what the command says.
pub struct Problem {
    /// What it means.
    pub meaning: &'static str,
    /// What the command says.
    pub message: String,
}

impl Problem {
    /// Of a field, which the message names by its flag.
    pub fn of_field(error: &clap::Error, words: &'static Words) -> Self {
        Self {
            meaning: words.wrong_field,
            message: said(error),
        }
    }

    /// Of a command that refuses, with its hint.
    pub fn of_command(error: &CommandError, meaning: &'static str) -> Self {
        let message = match error.hint(Program::Producer) {
            Some(hint) => format!("{error} ({hint})"),
            None => error.to_string(),
        };
        Self { meaning, message }
    }
}
