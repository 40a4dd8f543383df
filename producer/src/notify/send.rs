//! The channels that are configured.

use store::Channel;

use super::error::{ChannelError, SendError};
use super::mail::Mail;
use super::message::Message;
use super::settings::NotifyConfig;
use super::webhook::Webhook;

/// A channel that is configured.
pub(crate) enum Sender {
    Mail(Box<Mail>),
    Webhook(Webhook),
}

impl Sender {
    /// Its name in the ledger.
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Mail(_) => Channel::Email,
            Self::Webhook(_) => Channel::Webhook,
        }
    }

    /// Sends a message.
    pub async fn send(&self, message: &Message) -> Result<(), SendError> {
        match self {
            Self::Mail(mail) => mail.send(message).await,
            Self::Webhook(webhook) => webhook.send(message).await,
        }
    }
}

/// The channels that are configured.
///
/// # Errors
/// When TLS cannot be set up with these authorities.
pub(crate) fn senders(config: NotifyConfig) -> Result<Vec<Sender>, ChannelError> {
    let authorities = config.authorities.as_ref();
    let mut senders = Vec::new();
    if let Some(mail) = config.mail {
        senders.push(Sender::Mail(Box::new(Mail::new(mail, authorities)?)));
    }
    if let Some(webhook) = config.webhook {
        senders.push(Sender::Webhook(Webhook::new(webhook, authorities)?));
    }
    Ok(senders)
}
