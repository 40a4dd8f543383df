//! The kinds of failure, and what each means for a job.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The kinds of failure; each has one outcome, decided in [`FailureClass::disposition`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FailureClass {
    /// A passing fault of the network, the ERP or the database.
    Transient,
    /// The ERP asked for fewer calls.
    Throttled,
    /// Most calls to the ERP fail: it is down, not this job.
    ErpAway,
    /// The ERP refused the sign-in: nobody may try again until a person has looked.
    SignIn,
    /// The ERP's data cannot be read, or refuses this item.
    Data,
    /// The ERP's data is readable and hardly true: a person must decide.
    Implausible,
    /// Not a message this build can do.
    Poison,
    /// A fault in this program.
    Bug,
}

/// What a failure class means for the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Try again after a delay; spends one of the job's attempts.
    Retry,
    /// Try again later; the job is not to blame and spends nothing.
    Defer,
    /// Stop: trying again changes nothing until a person acts.
    Fail,
}

impl FailureClass {
    /// Every class, for what must list them all.
    pub const ALL: [Self; 8] = [
        Self::Transient,
        Self::Throttled,
        Self::ErpAway,
        Self::SignIn,
        Self::Data,
        Self::Implausible,
        Self::Poison,
        Self::Bug,
    ];

    /// What becomes of a job that failed this way.
    pub const fn disposition(self) -> Disposition {
        match self {
            Self::Transient | Self::Throttled => Disposition::Retry,
            Self::ErpAway | Self::SignIn => Disposition::Defer,
            Self::Data | Self::Implausible | Self::Poison | Self::Bug => Disposition::Fail,
        }
    }

    /// Its name in the ledger, in metrics and in output.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Transient => "transient",
            Self::Throttled => "throttled",
            Self::ErpAway => "erp-away",
            Self::SignIn => "sign-in",
            Self::Data => "data",
            Self::Implausible => "implausible",
            Self::Poison => "poison",
            Self::Bug => "bug",
        }
    }

    /// The class of that name, or of one that an earlier version wrote.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "shrunk" => Some(Self::Implausible),
            _ => Self::ALL.into_iter().find(|class| class.name() == name),
        }
    }
}

impl fmt::Display for FailureClass {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A failure as the ledger records it, after classification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// Its class.
    pub class: FailureClass,
    /// Equal for failures of the same cause.
    pub fingerprint: String,
    /// For a person; holds no secret and no personal data.
    pub message: String,
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class, self.message)
    }
}
