//! Word to whoever must act: what the ledger shows is recorded once for each event and day, and sent by mail
//! and to a webhook until it arrives, or for a day and a half.
//!
//! A further event is a line of [`Event`] and of [`Facts`], a finding in `problem`, its end in `found`, and its
//! words in `text`.

mod age;
mod error;
mod event;
mod found;
mod language;
mod mail;
mod message;
mod notifier;
mod problem;
mod refused_plan;
mod seen;
mod send;
mod settings;
mod text;
mod webhook;

pub use self::age::MaxAge;
pub use self::error::ChannelError;
pub use self::event::{CauseCount, Event, Facts, MissedSchedule};
pub use self::language::Language;
pub use self::notifier::Notifier;
pub(crate) use self::notifier::test_message;
pub(crate) use self::send::senders;
pub use self::settings::NotifyConfig;
