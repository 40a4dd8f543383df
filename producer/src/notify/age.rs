//! How long ago the last complete run may be.

use std::fmt;
use std::str::FromStr;

use chrono::TimeDelta;

/// An age in whole minutes, such as `26h`, `90m` or `2d`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MaxAge(TimeDelta);

impl MaxAge {
    /// A day, and two hours for a night that takes longer.
    pub const DEFAULT: Self = Self(TimeDelta::hours(26));

    /// The age as a length of time.
    pub const fn length(self) -> TimeDelta {
        self.0
    }
}

impl FromStr for MaxAge {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let minutes = minutes_of(text).filter(|minutes| (1..=5_256_000).contains(minutes));
        let length = minutes.map(TimeDelta::minutes).map(Self);
        length.ok_or("an age such as 26h, 90m or 2d")
    }
}

fn minutes_of(text: &str) -> Option<i64> {
    let text = text.trim();
    let (digits, unit) = text.split_at(text.find(|c: char| !c.is_ascii_digit())?);
    let number: i64 = digits.parse().ok()?;
    let unit = match unit {
        "m" => 1,
        "h" => 60,
        "d" => 24 * 60,
        _ => return None,
    };
    number.checked_mul(unit)
}

impl fmt::Display for MaxAge {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.num_minutes() {
            minutes if minutes % 60 == 0 => write!(f, "{}h", minutes / 60),
            minutes => write!(f, "{minutes}m"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_units() {
        let minutes = |text: &str| {
            let age = text.parse::<MaxAge>().ok();
            age.map(|age| age.length().num_minutes())
        };
        assert_eq!(
            ["90m", "26h", " 2d "].map(minutes),
            [Some(90), Some(1_560), Some(2_880)]
        );
        assert_eq!(
            [
                "",
                "26",
                "0h",
                "-1h",
                "1s",
                "h",
                "99999999999999999999h",
                "9999999d"
            ]
            .map(minutes),
            [None; 8]
        );
        assert_eq!(MaxAge::DEFAULT.to_string(), "26h");
        assert_eq!("90m".parse::<MaxAge>().unwrap().to_string(), "90m");
    }
}
