//! One JSON value of a record.

use std::borrow::Cow;

/// A JSON value, without the contents of arrays and objects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Null,
    /// As written, so that no digit of an amount is lost to a double.
    Number(&'a str),
    Text(Cow<'a, str>),
    /// A boolean, an array, an object, or a text that no column can hold.
    Other,
}

impl<'a> Value<'a> {
    /// The value of raw JSON that is already known to be well formed; `plain` where it is known to
    /// have no escapes.
    #[inline]
    pub(super) fn of(raw: &'a str, plain: bool) -> Self {
        match raw.as_bytes().first() {
            Some(b'n') => Self::Null,
            Some(b'-' | b'0'..=b'9') => Self::Number(raw),
            Some(b'"') if plain || !raw.contains('\\') => {
                Self::Text(Cow::Borrowed(&raw[1..raw.len() - 1]))
            }
            Some(b'"') => unescaped(raw).map_or(Self::Other, |text| Self::Text(Cow::Owned(text))),
            _ => Self::Other,
        }
    }
}

fn unescaped(raw: &str) -> Option<String> {
    let text: String = serde_json::from_str(raw).ok()?;
    // PostgreSQL takes no NUL in a text, and no name of the ERP has one.
    (!text.contains('\0')).then_some(text)
}
