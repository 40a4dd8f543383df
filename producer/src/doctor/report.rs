//! All checks, and the exit code they add up to.

use serde::Serialize;

use super::check::Check;
use crate::exit::Exit;

/// All checks. Its JSON form is the output of `doctor --json`, whose field names stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub(crate) struct Report {
    exit_code: u8,
    pub(super) checks: Vec<Check>,
    #[serde(skip)]
    exit: Exit,
}

impl Report {
    /// The report of these checks.
    pub fn new(checks: Vec<Check>) -> Self {
        // By what a person corrects first: without settings no service can be asked, and without
        // the database the state of the sign-in is unknown.
        let worst = [Exit::Usage, Exit::Away, Exit::SignIn, Exit::Other];
        let met = |exit: &Exit| checks.iter().any(|check| check.exit == *exit);
        let exit = worst.into_iter().find(met).unwrap_or(Exit::Done);
        Self {
            exit_code: exit as u8,
            checks,
            exit,
        }
    }

    /// The code for the worst of its problems; warnings are none.
    pub const fn exit(&self) -> Exit {
        self.exit
    }
}
