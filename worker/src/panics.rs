//! A panic as what it is to everybody else: one job's failure.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use futures::FutureExt as _;

/// What a future gives, or the message of the panic that ended it.
///
/// What it leaves behind is not looked at again: a job's own state is dropped with it, and what jobs
/// share is consistent between any two of their steps.
pub async fn caught<T>(work: impl Future<Output = T>) -> Result<T, String> {
    let ended = AssertUnwindSafe(work).catch_unwind().await;
    ended.map_err(|panic| message_of(panic.as_ref()))
}

fn message_of(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("without a message").to_owned()
}
