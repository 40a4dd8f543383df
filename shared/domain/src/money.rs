//! Exact money: [`Amount`] while summing, [`Money`] once rounded for a table.
//!
//! Nothing here is binary floating point. An [`Amount`] is an integer of 10⁻¹⁰ reais, so adding is
//! exact, order does not matter, and no sum the ERP could send overflows it.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use thiserror::Error;

/// Decimal places an [`Amount`] keeps.
const AMOUNT_SCALE: u32 = 10;
/// Units of an [`Amount`] in one real.
const UNITS_PER_REAL: i128 = 10_i128.pow(AMOUNT_SCALE);
/// Units of an [`Amount`] in one centavo.
const UNITS_PER_CENTAVO: i128 = UNITS_PER_REAL / 100;
/// The largest value one field of the ERP may hold: ten billion reais. Beyond it, it is a mistake,
/// and a million of them still fit the tables' NUMERIC(18,2).
const LARGEST_REAIS: i64 = 10_000_000_000;
/// The same in units of an [`Amount`].
const LARGEST_FIELD: i128 = LARGEST_REAIS as i128 * UNITS_PER_REAL;

/// An exact amount of reais, in units of 10⁻¹⁰; what sums are made of.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(i128);

/// Why a text is not an amount.
#[derive(Debug, Error, Clone, Copy, PartialEq, Eq)]
pub enum AmountError {
    /// Neither a JSON number nor a Brazilian-formatted one.
    #[error("not a number")]
    NotANumber,
    /// A text such as `1.234`, whose point may stand for decimals or for thousands.
    #[error("ambiguous: 1.234 may be a thousand")]
    Ambiguous,
    /// More than ten billion reais either way.
    #[error("larger than ten billion")]
    TooLarge,
}

impl Amount {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// An amount of whole centavos.
    pub const fn from_centavos(centavos: i64) -> Self {
        Self(centavos as i128 * UNITS_PER_CENTAVO)
    }

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

    /// Whether it is nothing.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether it is more than nothing.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Rounded half-even to centavos, as the tables hold it.
    pub fn round(self) -> Money {
        let (quotient, rest) = (
            self.0.div_euclid(UNITS_PER_CENTAVO),
            self.0.rem_euclid(UNITS_PER_CENTAVO),
        );
        let half = UNITS_PER_CENTAVO / 2;
        let up = rest > half || (rest == half && quotient % 2 != 0);
        Money((quotient + i128::from(up)) as i64)
    }

    /// So many times this amount.
    pub const fn times(self, n: u32) -> Self {
        Self(self.0 * n as i128)
    }

    /// `self ÷ whole × 10^scale`, rounded half-even; 0 when `whole` is nothing.
    pub fn ratio(self, whole: Self, scale: u32) -> i64 {
        if whole.is_zero() {
            return 0;
        }
        let sign = whole.0.signum();
        divide_half_even(self.0 * sign * 10_i128.pow(scale), whole.0 * sign) as i64
    }

    /// As a double, for figures that are not amounts (duration).
    pub fn to_f64(self) -> f64 {
        self.0 as f64 / UNITS_PER_REAL as f64
    }
}

/// `dividend ÷ divisor` to the nearest integer, ties to the even one; `divisor` above 0.
fn divide_half_even(dividend: i128, divisor: i128) -> i128 {
    let (quotient, rest) = (dividend.div_euclid(divisor), dividend.rem_euclid(divisor));
    let up = rest > divisor - rest || (rest == divisor - rest && quotient % 2 != 0);
    quotient + i128::from(up)
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

/// Whether it is less than nothing, and the units without that sign.
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
    // What is written as a number and yet is no decimal does not fit one.
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

/// One to three digits, a point and three digits, whatever the sign.
fn may_be_thousands(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let all_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    digits.split_once('.').is_some_and(|(first, group)| {
        (1..=3).contains(&first.len()) && group.len() == 3 && all_digits(first) && all_digits(group)
    })
}

/// `1.234,56` as `1234.56`; `None` when the dots do not stand at the thousands.
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

impl Add for Amount {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl Sub for Amount {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl Neg for Amount {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sum for Amount {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let units = self.0.unsigned_abs();
        let (reais, rest) = (
            units / UNITS_PER_REAL as u128,
            units % UNITS_PER_REAL as u128,
        );
        let decimals = format!("{rest:010}");
        let (centavos, beyond) = decimals.split_at(2);
        let sign = if self.0 < 0 { "-" } else { "" };
        write!(
            f,
            "{sign}{reais}.{centavos}{}",
            beyond.trim_end_matches('0')
        )
    }
}

impl Serialize for Amount {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        // A sum may exceed what one field may hold.
        let mut decimal = Decimal::from_str(&text).map_err(serde::de::Error::custom)?;
        decimal.rescale(AMOUNT_SCALE);
        Ok(Self(decimal.mantissa()))
    }
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self::from_centavos(money.0)
    }
}

/// An amount as the tables hold it: whole centavos.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// So many centavos.
    pub const fn from_centavos(centavos: i64) -> Self {
        Self(centavos)
    }

    /// How many centavos.
    pub const fn centavos(self) -> i64 {
        self.0
    }

    /// As a decimal with two places, as PostgreSQL stores it.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.to_decimal().fmt(f)
    }
}

impl Serialize for Money {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        Amount::parse(&text)
            .map(Amount::round)
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn centavos(text: &str) -> Result<i64, AmountError> {
        Amount::parse(text).map(|amount| amount.round().centavos())
    }

    #[test]
    fn reads_every_form_the_erp_writes() {
        for (text, expected) in [
            ("1234.56", 123_456),
            ("0", 0),
            ("-3", -300),
            ("320.0", 32_000),
            ("1.5e3", 150_000),
            ("1E2", 10_000),
            ("1.234,56", 123_456),
            ("1.234.567,8", 123_456_780),
            ("12,5", 1_250),
            (" 7.10 ", 710),
            ("9999999999.99", 999_999_999_999),
            ("1234.560000000000001", 123_456),
        ] {
            assert_eq!(centavos(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn a_text_that_may_be_thousands_is_ambiguous() {
        for text in ["1.234", "-1.234", " 12.345 ", "999.999", "0.125"] {
            assert_eq!(
                Amount::parse_text(text),
                Err(AmountError::Ambiguous),
                "{text}"
            );
            assert!(Amount::parse(text).is_ok(), "{text}");
        }
        for (text, expected) in [
            ("1234.56", 123_456),
            ("1.234,56", 123_456),
            ("1234,56", 123_456),
            ("1.234,567", 123_457),
            ("1234.567", 123_457),
            ("1.23", 123),
            ("1.2345", 123),
            ("1,234", 123),
            ("1234", 123_400),
        ] {
            let amount = Amount::parse_text(text).map(|amount| amount.round().centavos());
            assert_eq!(amount, Ok(expected), "{text}");
        }
        assert_eq!(Amount::parse_text("1.23x"), Err(AmountError::NotANumber));
    }

    #[test]
    fn refuses_what_is_not_a_number() {
        for text in [
            "", "-", "abc", "1.2.3", "1,2,3", "1,234.56", "12.34,5", ".5", "1.", "--1", "+1", "1e",
            "NaN", "Infinity", "0x10", "1 000", "null",
        ] {
            assert_eq!(centavos(text), Err(AmountError::NotANumber), "{text}");
        }
    }

    #[test]
    fn refuses_what_cannot_be_an_amount() {
        for text in [
            "10000000000.01",
            "1e30",
            "9999999999999999999999999999999999999",
            "-1e13",
        ] {
            assert_eq!(centavos(text), Err(AmountError::TooLarge), "{text}");
        }
    }

    #[test]
    fn rounds_half_even_both_ways() {
        for (text, expected) in [
            ("0.005", 0),
            ("0.015", 2),
            ("0.025", 2),
            ("0.0251", 3),
            ("-0.005", 0),
            ("-0.015", -2),
        ] {
            assert_eq!(centavos(text), Ok(expected), "{text}");
        }
    }

    #[test]
    fn ratios_round_half_even() {
        let amount = |text| Amount::parse(text).unwrap();
        assert_eq!(amount("1").ratio(amount("3"), 4), 3333);
        assert_eq!(amount("2").ratio(amount("3"), 4), 6667);
        assert_eq!(amount("-1").ratio(amount("8"), 2), -12);
        assert_eq!(amount("1").ratio(amount("-8"), 2), -12);
        assert_eq!(amount("3").ratio(amount("8"), 2), 38);
        assert_eq!(amount("3").ratio(Amount::ZERO, 2), 0);
    }

    #[test]
    fn sums_are_exact() {
        let tenth = Amount::parse("0.1").unwrap();
        assert_eq!(
            (0..10).map(|_| tenth).sum::<Amount>(),
            Amount::parse("1").unwrap()
        );
    }

    #[test]
    fn text_and_back_is_the_same_amount() {
        for (text, expected) in [
            ("1234.5", "1234.50"),
            ("-0.0049", "-0.0049"),
            ("0", "0.00"),
            ("-7", "-7.00"),
        ] {
            let amount = Amount::parse(text).unwrap();
            assert_eq!(amount.to_string(), expected);
            let json = serde_json::to_string(&amount).unwrap();
            assert_eq!(serde_json::from_str::<Amount>(&json).unwrap(), amount);
        }
    }
}
