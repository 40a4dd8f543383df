//! What is wrong with a field.

use std::fmt;

/// The name of a field and what is wrong with it. Both are words of this program, so that nothing
/// of the content gets into a message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Problem {
    field: &'static str,
    what: &'static str,
}

impl Problem {
    pub(super) const fn new(field: &'static str, what: &'static str) -> Self {
        Self { field, what }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.field, self.what)
    }
}
