//! The documented exit codes.

use std::process::ExitCode;

/// Exit codes, the same for every command.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// All done, or the answer is good news.
    Done = 0,
    /// Anything without a code of its own.
    Other = 1,
    /// The command line or the settings are wrong.
    Usage = 2,
    /// The run finished with failed jobs.
    Failed = 3,
    /// The ERP refused the sign-in.
    SignIn = 4,
    /// The database, the broker or the ERP cannot be reached.
    Away = 5,
    /// The ERP's list is implausible, the plan of a scheduled run was refused, a difference has no cause, a
    /// month is not ready to be closed, or a closed one is not what was signed off: a person must decide.
    Decide = 6,
    /// The run cannot go on, or has not ended in the time given.
    Stuck = 7,
    /// The run, or a part of it, was cancelled.
    Cancelled = 8,
}

impl Exit {
    /// Every code, in order.
    pub const ALL: [Self; 9] = [
        Self::Done,
        Self::Other,
        Self::Usage,
        Self::Failed,
        Self::SignIn,
        Self::Away,
        Self::Decide,
        Self::Stuck,
        Self::Cancelled,
    ];

    /// What it means, for `--help`.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Done => "all done",
            Self::Other => "anything else",
            Self::Usage => "the command line or the settings are wrong",
            Self::Failed => "finished with failed jobs",
            Self::SignIn => "the ERP refused the sign-in",
            Self::Away => "a service (database, broker, ERP) cannot be reached",
            Self::Decide => {
                "the ERP's list is implausible, the plan of a scheduled run was refused, a \
                 difference has no cause, a month is not ready to be closed, or a closed one is not \
                 what was signed off: a person must decide"
            }
            Self::Stuck => "the run cannot go on, or --timeout is over",
            Self::Cancelled => "the run, or a part of it, was cancelled",
        }
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit as u8)
    }
}
