//! A look at the ledger: what is to be told is recorded, and what is due is sent.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use store::{Channel, DueNotification, NewNotification, Store, StoreError};

use super::age::MaxAge;
use super::error::{ChannelError, SendError};
use super::event::Facts;
use super::found::found;
use super::language::Language;
use super::message::Message;
use super::seen::Seen;
use super::send::{Sender, senders};
use super::settings::NotifyConfig;
use crate::program::Program;
use crate::text::day_of;

/// Messages that one look sends over a channel, at most.
const MOST_AT_ONCE: usize = 5;
/// For how long what one process sends is left alone by others: longer than as many messages take.
const LEASE: Duration = Duration::from_secs(10 * 60);
/// The pauses between the tries of a message, in minutes. It is given up when the try after the last fails.
const PAUSES: [i64; 6] = [1, 5, 30, 2 * 60, 6 * 60, 24 * 60];

/// Tells whoever must act. Any number may look at one ledger.
pub struct Notifier {
    store: Arc<dyn Store>,
    program: Program,
    language: Language,
    max_age: MaxAge,
    senders: Vec<Sender>,
}

impl Notifier {
    /// A notifier over a ledger; `None` where no channel is configured. Commands in its messages are those of
    /// `program`.
    ///
    /// # Errors
    /// When TLS cannot be set up with these authorities.
    pub fn new(
        config: NotifyConfig,
        program: Program,
        store: Arc<dyn Store>,
    ) -> Result<Option<Self>, ChannelError> {
        let (language, max_age) = (config.language, config.max_age);
        let senders = senders(config)?;
        Ok((!senders.is_empty()).then_some(Self {
            store,
            program,
            language,
            max_age,
            senders,
        }))
    }

    /// Records what is to be told at `now`, by the database's clock, and sends what is due. A message that
    /// does not get through is logged, and due again later.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn look(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        self.record(now).await?;
        for sender in &self.senders {
            self.send(sender, now).await?;
        }
        Ok(())
    }

    async fn record(&self, now: DateTime<Utc>) -> Result<(), StoreError> {
        let channels: Vec<Channel> = self.senders.iter().map(Sender::channel).collect();
        let told = self.store.last_told().await?;
        let seen = Seen::read(&*self.store, now).await?;
        for (day, facts) in found(&seen, &told, self.max_age, now) {
            let new = new_notification(day, &facts);
            let recorded = self.store.record_notification(&new, &channels, now);
            if recorded.await? {
                tracing::info!(event = %new.event, %day, "recorded a notification");
            }
        }
        Ok(())
    }

    async fn send(&self, sender: &Sender, now: DateTime<Utc>) -> Result<(), StoreError> {
        let channel = sender.channel();
        for _ in 0..MOST_AT_ONCE {
            let due = self.store.take_notification(channel, now, LEASE).await?;
            let Some(DueNotification {
                notification,
                tries,
            }) = due
            else {
                break;
            };
            let id = notification.id;
            let sent = match Message::of(&notification, self.language, self.program) {
                Some(message) => sender.send(&message).await,
                None => Err(SendError::new("another version recorded it")),
            };
            let Err(problem) = sent else {
                self.store.notification_sent(id, channel, now).await?;
                continue;
            };
            tracing::warn!(%channel, id, tries, "a notification was not sent: {problem}");
            let next = pause_after(tries).map(|pause| now + pause);
            self.store
                .notification_failed(id, channel, &problem.to_string(), next)
                .await?;
            // What hinders one message most likely hinders the next: they wait for the next look.
            break;
        }
        Ok(())
    }
}

/// A message that tries the channels.
pub(crate) fn test_message(language: Language, program: Program, now: DateTime<Utc>) -> Message {
    let id = format!("test.{}", now.timestamp_micros());
    Message::new(id, &Facts::Test, day_of(now), language, program)
}

fn new_notification(day: NaiveDate, facts: &Facts) -> NewNotification {
    let about = facts.about().map(|event| event.to_string());
    NewNotification {
        event: facts.event().to_string(),
        about: about.unwrap_or_default(),
        day,
        run: facts.run().cloned(),
        facts: serde_json::to_value(facts).expect("plain data has a JSON form"),
    }
}

/// How long a message waits after so many tries; `None` when it is given up.
fn pause_after(tries: u32) -> Option<TimeDelta> {
    let place = usize::try_from(tries).ok()?.checked_sub(1)?;
    PAUSES.get(place).copied().map(TimeDelta::minutes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_up_to_a_day_and_end() {
        let pauses: Vec<_> = (1..).map_while(pause_after).collect();
        assert!(pauses.is_sorted() && pauses.len() == PAUSES.len());
        assert_eq!(pauses.first(), Some(&TimeDelta::minutes(1)));
        assert_eq!(pauses.last(), Some(&TimeDelta::days(1)));
    }
}
