//! The name of a schedule.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;
use thiserror::Error;

/// The longest name, in characters.
const LONGEST: usize = 40;

/// A name such as `nightly`: a lower-case letter, then these, digits and `-`, at most 40 in all.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct ScheduleName(String);

/// Why a text is no such name.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
#[error("not the name of a schedule: lower-case letters, digits and -, a letter first, at most 40")]
pub struct NotAScheduleName;

impl ScheduleName {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for ScheduleName {
    type Err = NotAScheduleName;

    fn from_str(text: &str) -> Result<Self, NotAScheduleName> {
        let begins = text.starts_with(|first: char| first.is_ascii_lowercase());
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        match begins && text.len() <= LONGEST && text.chars().all(plain) {
            true => Ok(Self(text.to_owned())),
            false => Err(NotAScheduleName),
        }
    }
}

impl fmt::Display for ScheduleName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_needs_no_quotes_and_is_no_flag() {
        for name in ["nightly", "n", "every-5-minutes", &"x".repeat(40)] {
            let parsed: ScheduleName = name.parse().unwrap();
            assert_eq!(parsed.to_string(), name);
            assert_eq!(serde_json::to_value(&parsed).unwrap(), name);
        }
        let long = "x".repeat(41);
        for text in [
            "",
            "-",
            "-n",
            "5-minutes",
            "Nightly",
            "a_b",
            "a b",
            "a/b",
            "a\"",
            "é",
            " a",
            &long,
        ] {
            assert_eq!(
                text.parse::<ScheduleName>(),
                Err(NotAScheduleName),
                "{text}"
            );
        }
    }
}
