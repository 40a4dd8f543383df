//! The session with the ERP, and where a fleet keeps its one.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use secrecy::SecretString;

use crate::store_error::StoreError;

/// What a sign-in gave.
#[derive(Debug, Clone)]
pub struct Token {
    /// Sent with every call.
    pub access: SecretString,
    /// When the access token ends, as the ERP said.
    pub expires_at: DateTime<Utc>,
    /// Renews the session once.
    pub refresh: Option<SecretString>,
    /// When the refresh token ends, as the ERP said.
    pub refresh_expires_at: Option<DateTime<Utc>>,
}

/// A refused sign-in: the whole fleet stops signing in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// When.
    pub at: DateTime<Utc>,
    /// What the refusal looked like; never its text.
    pub why: String,
}

/// The fleet's session as it is stored.
#[derive(Debug, Clone, Default)]
pub struct SessionState {
    /// Rises with every change of the token; 0 before the first.
    pub version: i64,
    /// The token, if there is one.
    pub token: Option<Token>,
    /// Set while nobody may sign in.
    pub refused: Option<Refusal>,
}

/// Keeps one session for all who share it, and lets one at a time renew it.
#[async_trait]
pub trait SessionStore: Send + Sync + 'static {
    /// What the fleet knows.
    async fn session(&self) -> Result<SessionState, StoreError>;

    /// Asks to renew the session of `seen_version`, alone, for at most `lease`. `false` when
    /// another renews it now, when it was renewed already, or when the sign-in stands refused.
    async fn begin_renewal(
        &self,
        holder: &str,
        seen_version: i64,
        lease: Duration,
    ) -> Result<bool, StoreError>;

    /// Ends a renewal with a new token, whose version is one higher.
    async fn renewed(&self, holder: &str, token: &Token) -> Result<(), StoreError>;

    /// Ends a renewal with a refusal: the fleet's sign-ins stop.
    async fn refused(&self, holder: &str, why: &str) -> Result<(), StoreError>;

    /// Ends a renewal that met a passing fault: another may try.
    async fn renewal_failed(&self, holder: &str) -> Result<(), StoreError>;

    /// Forgets a refusal, after a person has looked, and records who lifted it: `by`, user@host.
    /// `false` when there was none; then nothing is recorded.
    async fn lift_refusal(&self, by: &str) -> Result<bool, StoreError>;
}
