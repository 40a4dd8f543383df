//! The session that the calls of this process are sent with.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use reqwest::header::HeaderValue;
use tokio::time::Instant;

use domain::session::{SessionState, Token};
use secrecy::ExposeSecret as _;

/// A session is renewed this long before it expires; where a tenth of its remaining lifetime is
/// less, that long.
const RENEWAL_MARGIN: TimeDelta = TimeDelta::seconds(60);
/// A session that was obtained after a 401 and is answered 401 at once is not renewed again before
/// this time.
const RENEWAL_PAUSE: Duration = Duration::from_secs(60);

/// The session that calls are sent with.
pub(crate) struct ActiveSession {
    /// Its version in the session store.
    pub(super) version: i64,
    bearer: HeaderValue,
    renew_at: DateTime<Utc>,
    obtained_at: Instant,
    /// Whether it replaced a session that was answered 401.
    after_401: bool,
    /// Whether a call with it was answered anything but 401.
    accepted: AtomicBool,
}

impl ActiveSession {
    /// `None` for a token that is not usable in a header.
    pub(super) fn new(version: i64, token: &Token, after_401: bool) -> Option<Self> {
        let left = token.expires_at - Utc::now();
        Some(Self {
            version,
            bearer: bearer(token)?,
            renew_at: token.expires_at - RENEWAL_MARGIN.min(left / 10),
            obtained_at: Instant::now(),
            after_401,
            accepted: AtomicBool::new(false),
        })
    }

    /// The stored session, unless its version is `stale` or it has expired.
    pub(super) fn from_store(state: &SessionState, stale: i64, after_401: bool) -> Option<Self> {
        let token = state.token.as_ref()?;
        if state.version == stale || token.expires_at <= Utc::now() {
            return None;
        }
        Self::new(state.version, token, after_401)
    }

    /// The `Authorization` header.
    pub(crate) fn bearer(&self) -> HeaderValue {
        self.bearer.clone()
    }

    /// Records that the ERP accepts the session.
    pub(crate) fn set_accepted(&self) {
        self.accepted.store(true, Ordering::Relaxed);
    }

    /// Whether it is not due for renewal.
    pub(super) fn is_fresh(&self) -> bool {
        Utc::now() < self.renew_at
    }

    /// Whether a renewal after one more 401 would only add a sign-in: the session was obtained after
    /// a 401, less than [`RENEWAL_PAUSE`] ago, and no call was accepted with it.
    pub(super) fn renewal_is_useless(&self) -> bool {
        self.after_401
            && !self.accepted.load(Ordering::Relaxed)
            && self.obtained_at.elapsed() < RENEWAL_PAUSE
    }
}

/// The `Authorization` header of a token, never printed; `None` where a header cannot hold it.
pub(crate) fn bearer(token: &Token) -> Option<HeaderValue> {
    let value = format!("Bearer {}", token.access.expose_secret());
    let mut value = HeaderValue::from_str(&value).ok()?;
    value.set_sensitive(true);
    Some(value)
}
