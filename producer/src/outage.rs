//! What fails again and again is logged when it begins and when it is over.

use std::fmt::Display;

/// Something that is tried again and again.
pub struct Outage {
    what: &'static str,
    is_on: bool,
}

impl Outage {
    /// `what` is what does not happen meanwhile: "the schedules are not followed".
    pub const fn of(what: &'static str) -> Self {
        Self { what, is_on: false }
    }

    /// Takes note of a try.
    pub fn note<E: Display>(&mut self, tried: Result<(), E>) {
        let what = self.what;
        match &tried {
            Err(error) if !self.is_on => tracing::warn!("{what}: {error}"),
            Ok(()) if self.is_on => tracing::info!("over: {what}"),
            Ok(()) | Err(_) => {}
        }
        self.is_on = tried.is_err();
    }
}
