//! An exact amount, and sums of it.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Neg, Sub};
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Decimal places an [`Amount`] keeps.
pub(super) const AMOUNT_SCALE: u32 = 10;
/// Units of an [`Amount`] in one real.
pub(super) const UNITS_PER_REAL: i128 = 10_i128.pow(AMOUNT_SCALE);
/// Units of an [`Amount`] in one centavo.
pub(super) const UNITS_PER_CENTAVO: i128 = UNITS_PER_REAL / 100;
/// An exact amount of reais, in units of 10⁻¹⁰.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(pub(super) i128);

impl Amount {
    /// Zero.
    pub const ZERO: Self = Self(0);

    /// An amount of whole centavos.
    pub const fn from_centavos(centavos: i64) -> Self {
        Self(centavos as i128 * UNITS_PER_CENTAVO)
    }

    /// Whether it is zero.
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Whether it is above zero.
    pub const fn is_positive(self) -> bool {
        self.0 > 0
    }

    /// Its size, without its sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self(self.0.abs())
    }

    /// `n` times this amount.
    pub const fn times(self, n: u32) -> Self {
        Self(self.0 * n as i128)
    }

    /// `self ÷ whole × 10^scale`, rounded half-even; 0 when `whole` is zero.
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

/// Reads an amount as it is displayed. A sum may exceed the limit of one field of the ERP.
impl FromStr for Amount {
    type Err = rust_decimal::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let mut decimal = Decimal::from_str(text)?;
        decimal.rescale(AMOUNT_SCALE);
        Ok(Self(decimal.mantissa()))
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}
