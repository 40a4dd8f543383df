//! A session store in memory.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use tokio::sync::Mutex;
use tokio::time::Instant;

use domain::session::{Refusal, SessionState, SessionStore, Token};
use domain::store_error::StoreError;

/// A session store for one process, without a database.
#[derive(Default)]
pub struct MemorySessionStore {
    inner: Mutex<MemoryState>,
}

#[derive(Default)]
struct MemoryState {
    session: SessionState,
    renewing: Option<(String, Instant)>,
}

impl fmt::Debug for MemorySessionStore {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MemorySessionStore")
    }
}

#[async_trait]
impl SessionStore for MemorySessionStore {
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

    // Who lifts it is kept nowhere: the refusal ends with the process anyway.
    async fn lift_refusal(&self, _by: &str) -> Result<bool, StoreError> {
        Ok(self.inner.lock().await.session.refused.take().is_some())
    }
}
