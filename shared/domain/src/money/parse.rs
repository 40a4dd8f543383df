//! Amounts as the ERP writes them.

use std::str::FromStr;

use rust_decimal::Decimal;
use thiserror::Error;

use super::amount::{AMOUNT_SCALE, Amount, UNITS_PER_REAL};

/// The largest value that a field of the ERP may hold: ten billion reais. A larger one is a mistake
/// in the data, and a million of this size fit the tables' NUMERIC(18,2).
const LARGEST_REAIS: i64 = 10_000_000_000;
/// The same in units of an [`Amount`].
const LARGEST_FIELD: i128 = LARGEST_REAIS as i128 * UNITS_PER_REAL;

/// Why a text is not an amount.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum AmountError {
    /// Neither a JSON number nor a Brazilian-formatted one.
    #[error("not a number")]
    NotANumber,
    /// A text such as `1.234`, whose point may stand for decimals or for thousands.
    #[error("ambiguous: 1.234 may be a thousand")]
    Ambiguous,
    /// Above ten billion reais, or below minus ten billion.
    #[error("larger than ten billion")]
    TooLarge,
}

impl Amount {
    /// Reads what the ERP writes for an amount: `1234.56`, `-3`, `1.5e3`, or the Brazilian
    /// `1.234,56`. Digits beyond the tenth decimal are rounded half-even.
    ///
    /// # Errors
    /// When it is no number, or larger than ten billion.
    pub fn parse(text: &str) -> Result<Self, AmountError> {
        let (negative, units) = match plain_units(text.as_bytes()) {
            Some(units) => (false, units),
            None => signed_units(text.trim())?,
        };
        if units > LARGEST_FIELD {
            return Err(AmountError::TooLarge);
        }
        Ok(Self(if negative { -units } else { units }))
    }

    /// Reads an amount that the ERP writes as text, where a point may separate thousands: one to three
    /// digits, a point and three digits are ambiguous. The comma is always the decimal sign.
    ///
    /// # Errors
    /// As [`Amount::parse`], and when it is ambiguous.
    pub fn parse_text(text: &str) -> Result<Self, AmountError> {
        if may_be_thousands(text.trim()) {
            return Err(AmountError::Ambiguous);
        }
        Self::parse(text)
    }
}

/// `digits[.digits]`, the form nearly every amount has; `None` for any other.
fn plain_units(digits: &[u8]) -> Option<i128> {
    let mut mantissa: u64 = 0;
    let mut decimals: Option<u32> = None;
    // 18 digits always fit a u64.
    if digits.is_empty() || digits.len() > 18 || !digits[0].is_ascii_digit() {
        return None;
    }
    for &byte in digits {
        match byte {
            b'0'..=b'9' => {
                mantissa = mantissa * 10 + u64::from(byte - b'0');
                decimals = decimals.map(|n| n + 1);
            }
            b'.' if decimals.is_none() => decimals = Some(0),
            _ => return None,
        }
    }
    let decimals = match decimals {
        None => 0,
        Some(n @ 1..=AMOUNT_SCALE) => n,
        Some(_) => return None,
    };
    // Both fit 64 bits, so that this is one multiplication.
    let scale = 10_u64.pow(AMOUNT_SCALE - decimals);
    Some(i128::from(mantissa) * i128::from(scale))
}

/// Whether the amount is negative, and its units without the sign.
fn signed_units(text: &str) -> Result<(bool, i128), AmountError> {
    let (negative, digits) = match text.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, text),
    };
    let units = match plain_units(digits.as_bytes()) {
        Some(units) => units,
        None => uncommon_units(digits)?,
    };
    Ok((negative, units))
}

/// Exponents, Brazilian notation, and more digits than [`plain_units`] takes.
fn uncommon_units(digits: &str) -> Result<i128, AmountError> {
    let decimal = if digits.contains(',') {
        let plain = from_brazilian(digits).ok_or(AmountError::NotANumber)?;
        Decimal::from_str(&plain)
    } else if !is_json_number(digits) {
        return Err(AmountError::NotANumber);
    } else if digits.contains(['e', 'E']) {
        Decimal::from_scientific(digits)
    } else {
        // Rounds what does not fit 28 digits, which is far below the tenth decimal.
        Decimal::from_str(digits)
    };
    // A well-formed number that is no Decimal is too large for one.
    let decimal = decimal.map_err(|_| AmountError::TooLarge)?;
    if decimal.abs() > Decimal::from(LARGEST_REAIS) {
        return Err(AmountError::TooLarge);
    }
    let mut scaled = decimal.round_dp(AMOUNT_SCALE);
    scaled.rescale(AMOUNT_SCALE);
    Ok(scaled.mantissa())
}

/// `digits[.digits][e[+-]digits]`, as JSON writes a number without a sign.
fn is_json_number(text: &str) -> bool {
    let all_digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let (whole, decimals) = match mantissa.split_once('.') {
        Some((whole, decimals)) => (whole, Some(decimals)),
        None => (mantissa, None),
    };
    all_digits(whole)
        && decimals.is_none_or(all_digits)
        && exponent.is_none_or(|e| all_digits(e.strip_prefix(['+', '-']).unwrap_or(e)))
}

/// One to three digits, a point and three digits, with or without a sign.
fn may_be_thousands(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    digits.split_once('.').is_some_and(|(first, group)| {
        (1..=3).contains(&first.len()) && group.len() == 3 && all_digits(first) && all_digits(group)
    })
}

/// `1.234,56` as `1234.56`; `None` when the points do not separate thousands.
fn from_brazilian(text: &str) -> Option<String> {
    let (whole, cents) = text.split_once(',')?;
    let mut groups = whole.split('.');
    let first = groups.next()?;
    let grouped = whole.contains('.');
    let well_formed = (!grouped || first.len() <= 3)
        && groups.all(|group| group.len() == 3)
        && !cents.is_empty()
        && whole.chars().all(|c| c.is_ascii_digit() || c == '.')
        && cents.chars().all(|c| c.is_ascii_digit());
    well_formed.then(|| format!("{}.{cents}", whole.replace('.', "")))
}
