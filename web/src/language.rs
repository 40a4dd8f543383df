//! The two languages: which a reader wants, and how numbers and times are written in it.

use std::fmt::Display;

use chrono::{DateTime, NaiveDate, TimeZone, Utc};
use chrono_tz::America::Sao_Paulo;
use domain::month::Month;

use crate::words::{ENGLISH, PORTUGUESE, Words};

/// A language of the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// As in Brazil.
    Portuguese,
    /// As an international reader expects it.
    English,
}

impl Language {
    /// Both.
    pub const ALL: [Self; 2] = [Self::Portuguese, Self::English];

    /// By its tag; of a regional one by what comes first.
    pub fn of_tag(tag: &str) -> Option<Self> {
        match tag.trim().split('-').next()?.to_ascii_lowercase().as_str() {
            "pt" => Some(Self::Portuguese),
            "en" => Some(Self::English),
            _ => None,
        }
    }

    /// The one that a browser prefers, by its `Accept-Language`; Portuguese when it names neither.
    pub fn preferred(accepted: &str) -> Self {
        let mut found = (0.0, Self::Portuguese);
        for part in accepted.split(',') {
            let (tag, weight) = part.split_once(";q=").unwrap_or((part, "1"));
            let weight: f32 = weight.trim().parse().unwrap_or_default();
            if let Some(language) = Self::of_tag(tag).filter(|_| weight > found.0) {
                found = (weight, language);
            }
        }
        found.1
    }

    /// Its tag in HTML.
    pub const fn tag(self) -> &'static str {
        match self {
            Self::Portuguese => "pt-BR",
            Self::English => "en",
        }
    }

    /// The other one.
    pub const fn other(self) -> Self {
        match self {
            Self::Portuguese => Self::English,
            Self::English => Self::Portuguese,
        }
    }

    /// Its texts.
    pub const fn words(self) -> &'static Words {
        match self {
            Self::Portuguese => &PORTUGUESE,
            Self::English => &ENGLISH,
        }
    }

    /// A decimal number such as `-6844365.40`, with separators; one without decimals is a count.
    pub fn number(self, decimal: &str) -> String {
        let digits = decimal.trim_start_matches(['+', '-']);
        let sign = if decimal.starts_with('-') { "−" } else { "" };
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let (thousands, point) = match self {
            Self::Portuguese => ('.', ','),
            Self::English => (',', '.'),
        };
        let mut text = sign.to_owned();
        for (index, digit) in whole.chars().enumerate() {
            if index > 0 && (whole.len() - index).is_multiple_of(3) {
                text.push(thousands);
            }
            text.push(digit);
        }
        if !decimals.is_empty() {
            text.push(point);
            text.push_str(decimals);
        }
        text
    }

    /// The same of a difference: what was added has a sign too.
    pub fn signed(self, decimal: &str) -> String {
        let is_more = decimal.contains(|digit: char| ('1'..='9').contains(&digit))
            && !decimal.starts_with('-');
        let sign = if is_more { "+" } else { "" };
        format!("{sign}{}", self.number(decimal))
    }

    /// A day.
    pub fn day(self, day: &NaiveDate) -> String {
        day.format(match self {
            Self::Portuguese => "%d/%m/%Y",
            Self::English => "%Y-%m-%d",
        })
        .to_string()
    }

    /// A moment as the clocks in São Paulo show it.
    pub fn moment(self, at: &DateTime<Utc>) -> String {
        self.local(&at.with_timezone(&Sao_Paulo))
    }

    /// A moment as the clocks of its zone show it.
    pub fn local<Z: TimeZone<Offset: Display>>(self, at: &DateTime<Z>) -> String {
        format!("{} {}", self.day(&at.date_naive()), at.format("%H:%M"))
    }

    /// A month, as short as it can be read.
    pub fn month(self, month: &Month) -> String {
        let day = month.first_day();
        match self {
            Self::Portuguese => day.format("%m/%Y").to_string(),
            Self::English => day.format("%Y-%m").to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{English, Portuguese};

    #[test]
    fn a_browser_s_preference_decides_and_portuguese_where_there_is_none() {
        for (accepted, language) in [
            ("", Portuguese),
            ("fr", Portuguese),
            ("pt-BR,pt;q=0.9,en;q=0.8", Portuguese),
            ("en-GB", English),
            ("fr,pt;q=0.3,en;q=0.7", English),
            ("en;q=nonsense", Portuguese),
        ] {
            assert_eq!(Language::preferred(accepted), language, "{accepted}");
        }
    }

    #[test]
    fn numbers_are_written_as_the_language_has_them() {
        for (decimal, portuguese, english) in [
            ("0.00", "0,00", "0.00"),
            ("-6844365.40", "−6.844.365,40", "−6,844,365.40"),
            ("+100.5", "100,5", "100.5"),
            ("1234", "1.234", "1,234"),
        ] {
            assert_eq!(Portuguese.number(decimal), portuguese);
            assert_eq!(English.number(decimal), english);
        }
    }

    #[test]
    fn a_difference_has_a_sign_unless_it_is_none() {
        for (decimal, expected) in [
            ("1234.50", "+1.234,50"),
            ("-0.05", "−0,05"),
            ("0.00", "0,00"),
        ] {
            assert_eq!(Portuguese.signed(decimal), expected);
        }
    }
}
