//! What the ledger's words mean, for people who read the page: states, checks, causes, movements and
//! rules, in both languages side by side. English rules and expectations are the commands' own.

mod actions;
mod causes;
mod checks;
mod events;
mod movements;
mod names;
mod obstacles;
mod pruned;
mod rules;
mod skips;

pub use self::actions::deed;
pub use self::causes::class_words;
pub use self::events::event;
pub use self::movements::movement;
pub use self::names::job_state;
pub use self::pruned::pruned;
pub use self::rules::rule;
pub use self::skips::skip;

use crate::language::Language;

/// A text in both languages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Text {
    portuguese: &'static str,
    english: &'static str,
}

const fn text(portuguese: &'static str, english: &'static str) -> Text {
    Text {
        portuguese,
        english,
    }
}

impl Text {
    /// In a language.
    pub const fn of(self, language: Language) -> &'static str {
        match language {
            Language::Portuguese => self.portuguese,
            Language::English => self.english,
        }
    }
}
