//! The session of the fleet: which one calls use, and who renews it.
//!
//! Repeated sign-ins lock the account. These rules keep their number down:
//! - The session is shared through the session store. One process at a time renews it, and one task
//!   of that process.
//! - A failed renewal is the answer to every call that waited for it.
//! - A refused sign-in stops all sign-ins of the fleet until a person allows them again.
//!
//! A 401 means that the ERP no longer accepts the session. The first call that is answered 401
//! renews it; the other calls that were sent with it get the renewed one. A session that was
//! obtained after a 401 and is answered 401 before any call was accepted is not renewed again for a
//! minute: the ERP then rejects something else than the session.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::Utc;
use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::active::ActiveSession;
use super::sign_in::{Outcome, SignIn};
use crate::error::MegaError;
use crate::route::Route;
use domain::session::{SessionState, SessionStore, Token};

/// How often the store is read while another process renews the session.
const POLL_INTERVAL: Duration = Duration::from_millis(100);

/// Provides calls with the fleet's session.
pub(crate) struct SharedSession {
    sign_in: SignIn,
    session_store: Arc<dyn SessionStore>,
    /// The name of this process in the store, as holder of a renewal.
    holder: String,
    /// Limit of one call.
    timeout: Duration,
    current: RwLock<Option<Arc<ActiveSession>>>,
    /// Locked by the task that renews.
    last_renewal: Mutex<LastRenewal>,
    /// The version whose refresh token this process has used. A refresh token renews once, even
    /// when the answer to it was lost.
    refreshed_version: AtomicI64,
}

/// What the next renewal of this process has to know of the last one.
#[derive(Default)]
struct LastRenewal {
    failed: Option<(Instant, MegaError)>,
    /// A refusal that the store has not recorded yet.
    unrecorded_refusal: Option<String>,
}

impl fmt::Debug for SharedSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SharedSession({})", self.holder)
    }
}

impl SharedSession {
    pub(crate) fn new(
        sign_in: SignIn,
        session_store: Arc<dyn SessionStore>,
        timeout: Duration,
    ) -> Self {
        Self {
            sign_in,
            session_store,
            holder: format!("{}-{:016x}", std::process::id(), fastrand::u64(..)),
            timeout,
            current: RwLock::new(None),
            last_renewal: Mutex::default(),
            refreshed_version: AtomicI64::new(-1),
        }
    }

    /// A session that is not due for renewal. Where there is none, waits for a renewal.
    pub(crate) async fn active(self: &Arc<Self>) -> Result<Arc<ActiveSession>, MegaError> {
        match self.current() {
            Some(session) if session.is_fresh() => Ok(session),
            Some(expiring) => self.replace(expiring.version, false).await,
            None => self.replace(0, false).await,
        }
    }

    /// The session that replaces `rejected`, with which a call of `route` was answered 401.
    pub(crate) async fn replace_rejected(
        self: &Arc<Self>,
        rejected: &ActiveSession,
        route: Route,
    ) -> Result<Arc<ActiveSession>, MegaError> {
        if rejected.renewal_is_useless() {
            return Err(MegaError::Unauthorized { route });
        }
        self.replace(rejected.version, true).await
    }

    fn current(&self) -> Option<Arc<ActiveSession>> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set_current(&self, session: Option<Arc<ActiveSession>>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = session;
    }

    /// A session of another version than `stale`: one that another task or process has obtained, or
    /// a new one.
    async fn replace(
        self: &Arc<Self>,
        stale: i64,
        after_401: bool,
    ) -> Result<Arc<ActiveSession>, MegaError> {
        let asked = Instant::now();
        let shared = Arc::clone(self);
        // A task of its own: when the caller is dropped meanwhile, the new session is stored all the
        // same, and the renewal does not stay locked in the store until its lease ends.
        let task = tokio::spawn(async move {
            let mut last = shared.last_renewal.lock().await;
            if let Some(session) = shared.current()
                && session.version != stale
                && session.is_fresh()
            {
                return Ok(session);
            }
            if let Some((at, error)) = &last.failed
                && *at >= asked
            {
                return Err(error.clone());
            }
            let replaced = shared.obtain(&mut last, stale, after_401).await;
            let failed = replaced.as_ref().err().cloned();
            last.failed = failed.map(|error| (Instant::now(), error));
            replaced
        });
        task.await
            .unwrap_or_else(|failed| match failed.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(MegaError::Connection {
                    route: Route::SignIn,
                    why: "the process is stopping".to_owned(),
                }),
            })
    }

    /// Takes the session from the store, renews it, or waits for the process that renews it.
    async fn obtain(
        &self,
        last: &mut LastRenewal,
        stale: i64,
        after_401: bool,
    ) -> Result<Arc<ActiveSession>, MegaError> {
        let store = &self.session_store;
        if let Some(why) = last.unrecorded_refusal.clone() {
            store.refused(&self.holder, &why).await?;
            last.unrecorded_refusal = None;
        }
        // A refresh, a sign-in, and half a timeout to store the result.
        let lease = self.timeout * 5 / 2;
        let longest = lease + self.timeout;
        let give_up = Instant::now() + longest;
        loop {
            let state = store.session().await?;
            if let Some(refusal) = state.refused {
                self.set_current(None);
                return Err(MegaError::SignInRefused { why: refusal.why });
            }
            if let Some(session) = ActiveSession::from_store(&state, stale, after_401) {
                let session = Arc::new(session);
                self.set_current(Some(Arc::clone(&session)));
                return Ok(session);
            }
            let version = state.version;
            if store.begin_renewal(&self.holder, version, lease).await? {
                return self.renew(last, &state, after_401).await;
            }
            if Instant::now() >= give_up {
                return Err(MegaError::Timeout {
                    route: Route::SignIn,
                    after: longest,
                });
            }
            tokio::time::sleep(POLL_INTERVAL).await;
        }
    }

    /// Renews the session of `state`. No other process renews it at the same time.
    async fn renew(
        &self,
        last: &mut LastRenewal,
        state: &SessionState,
        after_401: bool,
    ) -> Result<Arc<ActiveSession>, MegaError> {
        match self.request_token(state).await {
            Outcome::Token(token) => self.share(state.version + 1, &token, after_401).await,
            Outcome::Failed(error) => {
                self.session_store.renewal_failed(&self.holder).await?;
                Err(error)
            }
            Outcome::Refused(why) => {
                self.stop_sign_ins(last, &why).await?;
                Err(MegaError::SignInRefused { why })
            }
            Outcome::Unusable(problem) => {
                // Otherwise every further job would sign in, with the same result.
                let why = format!("its session is not usable: {problem}");
                self.stop_sign_ins(last, &why).await?;
                Err(MegaError::Shape {
                    route: Route::SignIn,
                    problem,
                })
            }
        }
    }

    /// Uses the refresh token if there is one; otherwise, or where the ERP rejects it, signs in.
    async fn request_token(&self, state: &SessionState) -> Outcome {
        if self.refreshed_version.load(Ordering::Relaxed) != state.version
            && let Some(refresh) = valid_refresh_token(state)
        {
            self.refreshed_version
                .store(state.version, Ordering::Relaxed);
            match self.sign_in.refresh(refresh).await {
                Outcome::Token(token) if token.expires_at > Utc::now() => {
                    tracing::info!(expires_at = %token.expires_at, "renewed the ERP session");
                    return Outcome::Token(token);
                }
                Outcome::Failed(error) if sign_in_would_fail(&error) => {
                    return Outcome::Failed(error);
                }
                _ => tracing::info!("the ERP did not accept the refresh token; signing in"),
            }
        }
        match self.sign_in.sign_in().await {
            Outcome::Token(token) if token.expires_at <= Utc::now() => Outcome::Unusable(
                "expirationToken: already past when it came; compare the clocks".to_owned(),
            ),
            Outcome::Token(token) => {
                tracing::info!(expires_at = %token.expires_at, "signed in to the ERP");
                Outcome::Token(token)
            }
            other => other,
        }
    }

    /// Stores a new session for the fleet. This process uses it even where it could not be stored.
    async fn share(
        &self,
        version: i64,
        token: &Token,
        after_401: bool,
    ) -> Result<Arc<ActiveSession>, MegaError> {
        if let Err(error) = self.session_store.renewed(&self.holder, token).await {
            tracing::warn!(%error, "the new ERP session is not stored; only this process uses it");
        }
        let session = ActiveSession::new(version, token, after_401).map(Arc::new);
        self.set_current(session.clone());
        session.ok_or_else(|| MegaError::Shape {
            route: Route::SignIn,
            problem: "accessToken: not usable in a header".to_owned(),
        })
    }

    /// Stops all sign-ins of the fleet.
    async fn stop_sign_ins(&self, last: &mut LastRenewal, why: &str) -> Result<(), MegaError> {
        tracing::error!(
            why,
            "the ERP refused the sign-in; the fleet makes no further sign-in"
        );
        self.set_current(None);
        last.unrecorded_refusal = Some(why.to_owned());
        self.session_store.refused(&self.holder, why).await?;
        last.unrecorded_refusal = None;
        Ok(())
    }
}

/// The refresh token, unless it has expired.
fn valid_refresh_token(state: &SessionState) -> Option<&SecretString> {
    let token = state.token.as_ref()?;
    let expired = token
        .refresh_expires_at
        .is_some_and(|ends| ends <= Utc::now());
    token.refresh.as_ref().filter(|_| !expired)
}

/// Whether a sign-in would fail as the refresh did. Any other answer, a 500 among them, may mean
/// that the refresh token is void.
fn sign_in_would_fail(error: &MegaError) -> bool {
    matches!(
        error,
        MegaError::Timeout { .. }
            | MegaError::Connection { .. }
            | MegaError::Throttled { .. }
            | MegaError::Unavailable {
                status: 502..=504,
                ..
            }
    )
}
