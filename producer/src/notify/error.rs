//! Why a message does not get through a channel.

use thiserror::Error;

use crate::text::printable;

/// The longest text of a problem, in characters.
const LONGEST_PROBLEM: usize = 300;

/// Why a channel cannot be used at all.
#[derive(Debug, Error)]
#[error("notifications cannot be sent: {0}")]
pub struct ChannelError(pub(super) String);

/// Why a message was not sent; without secrets.
#[derive(Debug, Error)]
#[error("{0}")]
pub(crate) struct SendError(String);

impl SendError {
    /// A problem in the words of a library or of a server.
    pub fn new(problem: &str) -> Self {
        Self(printable(problem).chars().take(LONGEST_PROBLEM).collect())
    }
}
