//! The language of what is sent.

use chrono::{DateTime, Utc};
use chrono_tz::America::Sao_Paulo;

/// The language of what is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, strum::EnumString)]
pub enum Language {
    /// Of Brazil.
    #[strum(serialize = "pt-BR")]
    Portuguese,
    /// English.
    #[strum(serialize = "en")]
    English,
}

impl Language {
    /// A moment as the clocks in São Paulo show it.
    pub(super) fn time(self, at: DateTime<Utc>) -> String {
        let form = match self {
            Self::Portuguese => "%d/%m/%Y %H:%M",
            Self::English => "%Y-%m-%d %H:%M",
        };
        at.with_timezone(&Sao_Paulo).format(form).to_string()
    }
}
