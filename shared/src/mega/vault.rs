//! Where the fleet keeps its one session with the ERP.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::token::Token;
use crate::store::StoreError;

/// A refused sign-in: the whole fleet stops signing in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// When.
    pub at: DateTime<Utc>,
    /// What the refusal looked like; never its text.
    pub why: String,
}

/// The fleet's session as the vault holds it.
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
pub trait SessionVault: Send + Sync + 'static {
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

    /// Forgets a refusal, after a person has looked. `false` when there was none.
    async fn lift_refusal(&self) -> Result<bool, StoreError>;
}

/// A vault for one process, without a database.
#[derive(Default)]
pub struct MemoryVault {
    inner: Mutex<MemoryState>,
}

#[derive(Default)]
struct MemoryState {
    session: SessionState,
    renewing: Option<(String, Instant)>,
}

impl fmt::Debug for MemoryVault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemoryVault")
    }
}

#[async_trait]
impl SessionVault for MemoryVault {
    async fn session(&self) -> Result<SessionState, StoreError> {
        Ok(self.inner.lock().await.session.clone())
    }

    async fn begin_renewal(
        &self,
        holder: &str,
        seen_version: i64,
        lease: Duration,
    ) -> Result<bool, StoreError> {
        let mut state = self.inner.lock().await;
        let held = state
            .renewing
            .as_ref()
            .is_some_and(|(_, until)| *until > Instant::now());
        if held || state.session.version != seen_version || state.session.refused.is_some() {
            return Ok(false);
        }
        state.renewing = Some((holder.to_owned(), Instant::now() + lease));
        Ok(true)
    }

    async fn renewed(&self, _holder: &str, token: &Token) -> Result<(), StoreError> {
        let mut state = self.inner.lock().await;
        state.session.version += 1;
        state.session.token = Some(token.clone());
        state.renewing = None;
        Ok(())
    }

    async fn refused(&self, _holder: &str, why: &str) -> Result<(), StoreError> {
        let mut state = self.inner.lock().await;
        state.session.refused = Some(Refusal {
            at: Utc::now(),
            why: why.to_owned(),
        });
        state.renewing = None;
        Ok(())
    }

    async fn renewal_failed(&self, _holder: &str) -> Result<(), StoreError> {
        self.inner.lock().await.renewing = None;
        Ok(())
    }

    async fn lift_refusal(&self) -> Result<bool, StoreError> {
        Ok(self.inner.lock().await.session.refused.take().is_some())
    }
}
