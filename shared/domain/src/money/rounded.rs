//! An amount rounded to centavos, as the tables hold it.

use std::fmt;

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::amount::{Amount, UNITS_PER_CENTAVO};

/// An amount as the tables hold it: whole centavos.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money(i64);

impl Money {
    /// Zero.
    pub const ZERO: Self = Self(0);

    /// An amount of whole centavos.
    pub const fn from_centavos(centavos: i64) -> Self {
        Self(centavos)
    }

    /// The number of centavos.
    pub const fn centavos(self) -> i64 {
        self.0
    }

    /// As a decimal with two places, as PostgreSQL stores it.
    pub fn to_decimal(self) -> Decimal {
        Decimal::new(self.0, 2)
    }
}

impl Amount {
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
}

impl From<Money> for Amount {
    fn from(money: Money) -> Self {
        Self::from_centavos(money.0)
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
