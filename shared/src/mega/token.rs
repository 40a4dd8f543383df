//! A session with the ERP.

use chrono::{DateTime, Utc};
use secrecy::SecretString;

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
