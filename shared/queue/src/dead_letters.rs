//! Which dead messages are of use no more.

use async_trait::async_trait;

use super::Envelope;

/// Decides about dead messages, one by one.
#[async_trait]
pub trait DeadLetterFilter: Send + Sync {
    /// What becomes of a dead message.
    async fn decide(&self, message: &Envelope) -> DeadLetter;
}

/// What becomes of a dead message.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadLetter {
    /// It stays.
    Keep,
    /// It is removed.
    Remove,
    /// It stays, and so do all behind it: nothing can be decided now.
    Stop,
}
