//! From the ledger into the queue: messages published once, and again when the broker lost them.

mod enqueuer;
mod reconcile;

pub use self::enqueuer::{Enqueuer, Publishing};
pub use self::reconcile::{BETWEEN_LOOKS, QUIET, Reconciled, reconcile};
