//! The name of a schema of a PostgreSQL database.

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

/// The longest name of PostgreSQL, in bytes; it cuts longer ones.
const LONGEST: usize = 63;

/// A name that needs no quotes: a lower-case letter or `_`, then these and digits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SchemaName(String);

/// Why a text is no such name.
#[derive(Debug, Error, PartialEq, Eq)]
#[error("not the name of a schema: lower-case letters, digits and _, no digit first, at most 63")]
pub struct NotASchemaName;

impl FromStr for SchemaName {
    type Err = NotASchemaName;

    fn from_str(text: &str) -> Result<Self, NotASchemaName> {
        let begins = text.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_';
        match begins && text.len() <= LONGEST && text.chars().all(plain) {
            true => Ok(Self(text.to_owned())),
            false => Err(NotASchemaName),
        }
    }
}

impl fmt::Display for SchemaName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_needs_no_quotes() {
        for name in ["mega", "_", "a1_b", &"x".repeat(63)] {
            assert_eq!(name.parse::<SchemaName>().unwrap().to_string(), name);
        }
        let long = "x".repeat(64);
        for text in [
            "", "1a", "Mega", "a-b", "a b", "a\"b", "a;", "é", "a,b", &long,
        ] {
            assert_eq!(text.parse::<SchemaName>(), Err(NotASchemaName), "{text}");
        }
    }
}
