//! What one field of the ERP means, read strictly.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::date::WrittenDate;
use super::problem::Problem;
use super::text::{trimmed, whole_number};
use super::value::Value;
use domain::money::{Amount, AmountError};

/// A value and the name of its field.
#[derive(Debug, Clone)]
pub(super) struct Field<'a> {
    name: &'static str,
    value: Value<'a>,
}

impl<'a> Field<'a> {
    #[inline]
    pub(super) const fn new(name: &'static str, value: Value<'a>) -> Self {
        Self { name, value }
    }

    #[inline]
    pub(super) const fn problem(&self, what: &'static str) -> Problem {
        Problem::new(self.name, what)
    }

    /// This field, or `None` when it is null.
    #[inline]
    pub(super) fn non_null(self) -> Option<Self> {
        (self.value != Value::Null).then_some(self)
    }

    /// A code: a whole number, also written as a float (320.0) or as text.
    #[inline]
    pub(super) fn code(&self) -> Result<i64, Problem> {
        let code = match &self.value {
            Value::Null => return Err(self.problem("null")),
            Value::Number(digits) => whole_number(digits),
            // In a text "1.000" may as well be a thousand.
            Value::Text(digits) => {
                let digits = trimmed(digits);
                whole_number(digits).filter(|_| !digits.ends_with(".000"))
            }
            Value::Other => None,
        };
        code.ok_or(self.problem("not a code"))
    }

    /// A code that is one of the ERP's identifiers.
    #[inline]
    pub(super) fn id<T: TryFrom<i64>>(&self) -> Result<T, Problem> {
        T::try_from(self.code()?).map_err(|_| self.problem("not a code"))
    }

    /// An amount, also written as text.
    #[inline]
    pub(super) fn amount(&self) -> Result<Amount, Problem> {
        let parsed = match &self.value {
            Value::Null => return Err(self.problem("null")),
            Value::Number(text) => Amount::parse(text),
            Value::Text(text) => Amount::parse_text(text),
            Value::Other => return Err(self.problem("not an amount")),
        };
        parsed.map_err(|error| match error {
            AmountError::Ambiguous => self.problem("ambiguous amount"),
            AmountError::NotANumber | AmountError::TooLarge => self.problem("not an amount"),
        })
    }

    /// A day; `None` for null and for 01/01/0001.
    #[inline]
    pub(super) fn date(&self) -> Result<Option<NaiveDate>, Problem> {
        let date = match &self.value {
            Value::Null => return Ok(None),
            Value::Text(text) => WrittenDate::parse(trimmed(text)),
            Value::Number(_) | Value::Other => None,
        };
        date.map(WrittenDate::day).ok_or(self.problem("not a date"))
    }

    /// A text, trimmed.
    #[inline]
    pub(super) fn text(self) -> Result<Cow<'a, str>, Problem> {
        match self.value {
            Value::Null => Err(self.problem("null")),
            Value::Text(Cow::Borrowed(text)) => Ok(Cow::Borrowed(trimmed(text))),
            Value::Text(Cow::Owned(text)) => Ok(Cow::Owned(trimmed(&text).to_owned())),
            Value::Number(_) | Value::Other => Err(self.problem("not a text")),
        }
    }

    /// A text, trimmed, that may also be written as a whole number.
    #[inline]
    pub(super) fn label(self) -> Result<String, Problem> {
        match self.value {
            Value::Number(_) => self.code().map(|code| code.to_string()),
            _ => self.text().map(Cow::into_owned),
        }
    }
}
