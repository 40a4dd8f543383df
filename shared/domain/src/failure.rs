//! The kinds of failure, and what each means for a job.

use std::fmt;

use serde::{Deserialize, Serialize};
use strum::VariantArray as _;

/// The kinds of failure; each has one outcome, decided in [`FailureClass::disposition`].
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    Serialize,
    Deserialize,
    strum::Display,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
#[serde(rename_all = "kebab-case")]
#[strum(serialize_all = "kebab-case")]
pub enum FailureClass {
    /// A passing fault of the network, the ERP or the database.
    Transient,
    /// The ERP asked for fewer calls.
    Throttled,
    /// Most calls to the ERP fail: the ERP is down.
    ErpAway,
    /// The ERP refused the sign-in. No further sign-in is made until a person acts.
    SignIn,
    /// The ERP's data cannot be read, or the ERP refuses this item.
    Data,
    /// The ERP's data is readable and implausible: a person must decide. Earlier versions wrote
    /// `shrunk`, which is still read.
    #[strum(to_string = "implausible", serialize = "shrunk")]
    Implausible,
    /// The message is not one that this build can process.
    Poison,
    /// A fault in this program.
    Bug,
}

/// What a failure class means for the job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Disposition {
    /// Try again after a delay; spends one of the job's attempts.
    Retry,
    /// Try again later; spends no attempt, because the reason lies outside the job.
    Defer,
    /// Stop until a person acts, because another attempt would fail the same way.
    Fail,
}

impl FailureClass {
    /// Every class.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// What becomes of a job that failed this way.
    pub const fn disposition(self) -> Disposition {
        match self {
            Self::Transient | Self::Throttled => Disposition::Retry,
            Self::ErpAway | Self::SignIn => Disposition::Defer,
            Self::Data | Self::Implausible | Self::Poison | Self::Bug => Disposition::Fail,
        }
    }

    /// Its name in the ledger, in metrics and in output.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A failure as the ledger records it, after classification.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// Its class.
    pub class: FailureClass,
    /// The same text for failures of the same cause.
    pub fingerprint: String,
    /// The message for a person, without secrets and personal data.
    pub message: String,
}

impl Cause {
    /// A cause whose fingerprint is its class with `what`: stable words, no identifiers or amounts.
    pub fn new(class: FailureClass, what: &str, message: impl Into<String>) -> Self {
        Self {
            class,
            fingerprint: format!("{class}/{what}"),
            message: message.into(),
        }
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.class, self.message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_those_in_the_ledger_and_read_back() {
        let names: Vec<_> = FailureClass::ALL.iter().map(|class| class.name()).collect();
        assert_eq!(
            names.join(" "),
            "transient throttled erp-away sign-in data implausible poison bug"
        );
        for class in FailureClass::ALL {
            assert_eq!(class.name().parse(), Ok(*class));
            assert_eq!(class.to_string(), class.name());
            assert_eq!(serde_json::to_value(class).unwrap(), class.name());
        }
        assert_eq!("shrunk".parse(), Ok(FailureClass::Implausible));
        assert!("Transient".parse::<FailureClass>().is_err());
    }
}
