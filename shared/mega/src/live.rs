//! A session as the calls of this process use it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::HeaderValue;
use tokio::time::Instant;

use domain::session::{SessionState, Token};
use secrecy::ExposeSecret as _;

/// A session is renewed this long before its end, or a tenth of what it has left if that is less.
const LONGEST_MARGIN: TimeDelta = TimeDelta::seconds(60);
/// A session that came after a 401 and met a 401 at once is not renewed again for this long.
const PAUSE_AFTER_TWO_401: Duration = Duration::from_secs(60);

/// A session as calls use it.
pub(super) struct Live {
    pub(super) version: i64,
    bearer: HeaderValue,
    renew_at: DateTime<Utc>,
    since: Instant,
    after_401: bool,
    accepted: AtomicBool,
}

impl Live {
    /// `None` for a token that no header can carry.
    pub(super) fn new(version: i64, token: &Token, after_401: bool) -> Option<Self> {
        let left = token.expires_at - Utc::now();
        Some(Self {
            version,
            bearer: bearer(token)?,
            renew_at: token.expires_at - LONGEST_MARGIN.min(left / 10),
            since: Instant::now(),
            after_401,
            accepted: AtomicBool::new(false),
        })
    }

    /// The vault's session, if it is another than `stale` and has not ended.
    pub(super) fn shared(state: &SessionState, stale: i64, after_401: bool) -> Option<Self> {
        let token = state.token.as_ref()?;
        if state.version == stale || token.expires_at <= Utc::now() {
            return None;
        }
        Self::new(state.version, token, after_401)
    }

    /// The header to send.
    pub(super) fn bearer(&self) -> HeaderValue {
        self.bearer.clone()
    }

    /// Notes that the ERP took it.
    pub(super) fn accepted(&self) {
        self.accepted.store(true, Ordering::Relaxed);
    }

    /// Whether it is not about to end.
    pub(super) fn is_fresh(&self) -> bool {
        Utc::now() < self.renew_at
    }

    /// Whether renewing it after one more 401 would only be a sign-in more.
    pub(super) fn renewed_in_vain(&self) -> bool {
        self.after_401
            && !self.accepted.load(Ordering::Relaxed)
            && self.since.elapsed() < PAUSE_AFTER_TWO_401
    }
}

/// The header that a token makes; never printed.
pub(super) fn bearer(token: &Token) -> Option<HeaderValue> {
    let value = format!("Bearer {}", token.access.expose_secret());
    let mut value = HeaderValue::from_str(&value).ok()?;
    value.set_sensitive(true);
    Some(value)
}
