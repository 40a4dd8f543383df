//! Why a call of the queue failed.

use thiserror::Error;

/// Why a call of the queue failed.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum QueueError {
    /// The broker cannot be reached, or the connection broke, or it did not answer in time.
    #[error("the broker is away: {0}")]
    Away(String),
    /// The broker refused: an argument differs, the queue is full or gone, access is denied.
    #[error("the broker refused: {0}")]
    Refused(String),
    /// The session that delivered this message is gone; the broker will deliver it again.
    #[error("the delivery was lost with its session")]
    DeliveryLost,
}
