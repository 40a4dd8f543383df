//! What one field of the ERP means, read strictly.

use std::borrow::Cow;

use chrono::{Datelike, NaiveDate};

use super::fields::Problem;
use domain::money::{Amount, AmountError};
use domain::month::YEARS;

/// A JSON value, as far as the readers care.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value<'a> {
    Null,
    /// As written, so that no digit of an amount is lost to a double.
    Number(&'a str),
    Text(Cow<'a, str>),
    /// A boolean, an array, an object, or a text that is no Unicode.
    Other,
}

impl<'a> Value<'a> {
    /// The value of raw JSON that is already known to be well formed; `plain` where it is known to
    /// have no escapes.
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

/// A value and the name of its field.
#[derive(Debug, Clone)]
pub(super) struct Field<'a> {
    name: &'static str,
    value: Value<'a>,
}

impl<'a> Field<'a> {
    pub(super) const fn new(name: &'static str, value: Value<'a>) -> Self {
        Self { name, value }
    }

    pub(super) const fn problem(&self, what: &'static str) -> Problem {
        Problem::new(self.name, what)
    }

    /// This field, unless it is null.
    pub(super) fn or_null(self) -> Option<Self> {
        (self.value != Value::Null).then_some(self)
    }

    /// A code: a whole number, also written as a float (320.0) or as text.
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
    pub(super) fn id<T: TryFrom<i64>>(&self) -> Result<T, Problem> {
        T::try_from(self.code()?).map_err(|_| self.problem("not a code"))
    }

    /// An amount, also written as text.
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

    /// A day; null where the ERP writes none.
    pub(super) fn date(&self) -> Result<Option<NaiveDate>, Problem> {
        let day = match &self.value {
            Value::Null => return Ok(None),
            Value::Text(text) => day(trimmed(text)),
            Value::Number(_) | Value::Other => None,
        };
        day.map(Day::known).ok_or(self.problem("not a date"))
    }

    /// A text, trimmed.
    pub(super) fn text(self) -> Result<Cow<'a, str>, Problem> {
        match self.value {
            Value::Null => Err(self.problem("null")),
            Value::Text(Cow::Borrowed(text)) => Ok(Cow::Borrowed(trimmed(text))),
            Value::Text(Cow::Owned(text)) => Ok(Cow::Owned(trimmed(&text).to_owned())),
            Value::Number(_) | Value::Other => Err(self.problem("not a text")),
        }
    }

    /// A text, trimmed, that may also be written as a whole number.
    pub(super) fn label(self) -> Result<String, Problem> {
        match self.value {
            Value::Number(_) => self.code().map(|code| code.to_string()),
            _ => self.text().map(Cow::into_owned),
        }
    }
}

/// A text without the blanks around it. Nearly all begin and end with a letter or a digit, which
/// tells sooner that there are none.
fn trimmed(text: &str) -> &str {
    match text.as_bytes() {
        [first, .., last] if first.is_ascii_graphic() && last.is_ascii_graphic() => text,
        _ => text.trim(),
    }
}

/// Whether a text is one of `names`, whatever the case and the blanks around it.
pub(super) fn is_one_of(text: &str, names: &[&str]) -> bool {
    let text = trimmed(text);
    names.iter().any(|name| text.eq_ignore_ascii_case(name))
}

/// `320`, `-1`, `320.0`; nothing with a fraction.
fn whole_number(text: &str) -> Option<i64> {
    let digits = text.strip_prefix('-').unwrap_or(text).as_bytes();
    let whole = digits.iter().take_while(|byte| byte.is_ascii_digit());
    let fraction = &digits[whole.count()..];
    let fraction_is_zero = match fraction {
        [] => true,
        [b'.', zeros @ ..] => !zeros.is_empty() && zeros.iter().all(|byte| *byte == b'0'),
        _ => false,
    };
    // The sign and the digits; without any there is no number.
    let whole = &text[..text.len() - fraction.len()];
    fraction_is_zero.then(|| whole.parse().ok()).flatten()
}

/// A date the ERP wrote.
enum Day {
    Known(NaiveDate),
    /// 01/01/0001, which stands for no date.
    Never,
}

impl Day {
    fn known(self) -> Option<NaiveDate> {
        match self {
            Self::Known(day) => Some(day),
            Self::Never => None,
        }
    }
}

/// `dd/MM/yyyy`, `yyyy/MM/dd` or `yyyy-MM-dd`, with or without a time of day.
fn day(text: &str) -> Option<Day> {
    let (date, time) = text.split_at_checked(10)?;
    if !is_time_of_day(time) {
        return None;
    }
    let (year, month, day) = match date.as_bytes() {
        [_, _, b'/', _, _, b'/', ..] => (&date[6..], &date[3..5], &date[..2]),
        [_, _, _, _, b'/', _, _, b'/', ..] | [_, _, _, _, b'-', _, _, b'-', ..] => {
            (&date[..4], &date[5..7], &date[8..])
        }
        _ => return None,
    };
    let (year, month, day) = (number(year)?, number(month)?, number(day)?);
    if (year, month, day) == (1, 1, 1) {
        return Some(Day::Never);
    }
    NaiveDate::from_ymd_opt(i32::try_from(year).ok()?, month, day)
        .filter(|day| YEARS.contains(&day.year()))
        .map(Day::Known)
}

/// Nothing, or `T` or a blank and then hours and more; its value does not matter to any table.
fn is_time_of_day(text: &str) -> bool {
    match text.as_bytes() {
        [] => true,
        [b'T' | b' ', hour @ ..] => {
            hour.len() >= 5
                && hour[0].is_ascii_digit()
                && hour
                    .iter()
                    .all(|byte| byte.is_ascii_digit() || b":.+-Z".contains(byte))
        }
        _ => false,
    }
}

/// Digits alone; `str::parse` would take a sign.
pub(super) fn number(digits: &str) -> Option<u32> {
    let plain = digits.bytes().all(|byte| byte.is_ascii_digit());
    plain.then(|| digits.parse().ok()).flatten()
}
