//! The session with the ERP: one for the fleet, renewed by one at a time.
//!
//! Repeated sign-ins lock the account, so each rule here keeps their number down: the session is
//! shared through the vault; one process renews it, and in that process one task; a failure is
//! shared by all who waited for it; a refusal stops everybody until a person has looked.

use std::fmt;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use chrono::Utc;
use secrecy::SecretString;
use tokio::sync::Mutex;
use tokio::time::Instant;

use super::error::MegaError;
use super::live::Live;
use super::route::Route;
use super::sign_in::{Outcome, SignIn};
use domain::session::{SessionState, SessionStore, Token};

/// How often those who wait for another process's renewal look for it.
const POLL: Duration = Duration::from_millis(100);

/// Gives calls the fleet's session.
pub(super) struct Session {
    sign_in: SignIn,
    vault: Arc<dyn SessionStore>,
    holder: String,
    timeout: Duration,
    current: RwLock<Option<Arc<Live>>>,
    renewing: Mutex<Renewing>,
    /// The version whose refresh token was used here: it renews once, even when the answer to it
    /// got lost.
    refreshed: AtomicI64,
}

/// What the last renewal of this process left behind.
#[derive(Default)]
struct Renewing {
    failed: Option<(Instant, MegaError)>,
    /// A refusal the vault could not be told.
    untold: Option<String>,
}

impl fmt::Debug for Session {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Session({})", self.holder)
    }
}

impl Session {
    pub(super) fn new(sign_in: SignIn, vault: Arc<dyn SessionStore>, timeout: Duration) -> Self {
        Self {
            sign_in,
            vault,
            holder: format!("{}-{:016x}", std::process::id(), fastrand::u64(..)),
            timeout,
            current: RwLock::new(None),
            renewing: Mutex::default(),
            refreshed: AtomicI64::new(-1),
        }
    }

    /// A session that is not about to end.
    pub(super) async fn live(self: &Arc<Self>) -> Result<Arc<Live>, MegaError> {
        match self.current() {
            Some(live) if live.is_fresh() => Ok(live),
            Some(ending) => self.replace(ending.version, false).await,
            None => self.replace(0, false).await,
        }
    }

    /// Another session than one that a call of `route` met 401 with.
    pub(super) async fn instead_of(
        self: &Arc<Self>,
        met_401: &Live,
        route: Route,
    ) -> Result<Arc<Live>, MegaError> {
        if met_401.renewed_in_vain() {
            return Err(MegaError::Unauthorized { route });
        }
        self.replace(met_401.version, true).await
    }

    fn current(&self) -> Option<Arc<Live>> {
        self.current
            .read()
            .unwrap_or_else(PoisonError::into_inner)
            .clone()
    }

    fn set_current(&self, live: Option<Arc<Live>>) {
        *self.current.write().unwrap_or_else(PoisonError::into_inner) = live;
    }

    /// A session of another version than `stale`: another task's, another process's, or a new one.
    async fn replace(
        self: &Arc<Self>,
        stale: i64,
        after_401: bool,
    ) -> Result<Arc<Live>, MegaError> {
        let asked = Instant::now();
        let session = Arc::clone(self);
        // On its own, so that a caller who gives up leaves neither a sign-in without its result
        // nor a renewal that nobody else may begin.
        let task = tokio::spawn(async move {
            let mut last = session.renewing.lock().await;
            if let Some(live) = session.current()
                && live.version != stale
                && live.is_fresh()
            {
                return Ok(live);
            }
            if let Some((at, error)) = &last.failed
                && *at >= asked
                && let Some(error) = error.again()
            {
                return Err(error);
            }
            let replaced = session.obtain(&mut last, stale, after_401).await;
            last.failed = match &replaced {
                Err(error) => error.again().map(|error| (Instant::now(), error)),
                Ok(_) => None,
            };
            replaced
        });
        task.await
            .unwrap_or_else(|died| match died.try_into_panic() {
                Ok(panic) => std::panic::resume_unwind(panic),
                Err(_) => Err(MegaError::Connection {
                    route: Route::SignIn,
                    why: "the process is stopping".to_owned(),
                }),
            })
    }

    /// What the vault has, or what this process may renew, or what another is renewing.
    async fn obtain(
        &self,
        last: &mut Renewing,
        stale: i64,
        after_401: bool,
    ) -> Result<Arc<Live>, MegaError> {
        if let Some(why) = last.untold.clone() {
            self.vault.refused(&self.holder, &why).await?;
            last.untold = None;
        }
        // Two calls, and room to store what they gave.
        let lease = self.timeout * 5 / 2;
        let give_up = Instant::now() + lease + self.timeout;
        loop {
            let state = self.vault.session().await?;
            if let Some(refusal) = state.refused {
                self.set_current(None);
                return Err(MegaError::SignInRefused { why: refusal.why });
            }
            if let Some(live) = Live::shared(&state, stale, after_401) {
                let live = Arc::new(live);
                self.set_current(Some(Arc::clone(&live)));
                return Ok(live);
            }
            let version = state.version;
            if self
                .vault
                .begin_renewal(&self.holder, version, lease)
                .await?
            {
                return self.renew(last, &state, after_401).await;
            }
            if Instant::now() >= give_up {
                return Err(MegaError::Timeout {
                    route: Route::SignIn,
                    after: lease + self.timeout,
                });
            }
            tokio::time::sleep(POLL).await;
        }
    }

    /// Renews the session of `state`, alone in the fleet.
    async fn renew(
        &self,
        last: &mut Renewing,
        state: &SessionState,
        after_401: bool,
    ) -> Result<Arc<Live>, MegaError> {
        match self.ask(state).await {
            Outcome::Token(token) => self.keep(state.version + 1, &token, after_401).await,
            Outcome::Failed(error) => {
                self.vault.renewal_failed(&self.holder).await?;
                Err(error)
            }
            Outcome::Refused(why) => {
                self.stop(last, &why).await?;
                Err(MegaError::SignInRefused { why })
            }
            Outcome::Unusable(problem) => {
                // Every further job would sign in, and end here again.
                let why = format!("its session is not usable: {problem}");
                self.stop(last, &why).await?;
                Err(MegaError::Shape {
                    route: Route::SignIn,
                    problem,
                })
            }
        }
    }

    /// By the refresh token if there is one, else by signing in.
    async fn ask(&self, state: &SessionState) -> Outcome {
        if self.refreshed.load(Ordering::Relaxed) != state.version
            && let Some(refresh) = living_refresh(state)
        {
            self.refreshed.store(state.version, Ordering::Relaxed);
            match self.sign_in.refresh(refresh).await {
                Outcome::Token(token) if token.expires_at > Utc::now() => {
                    tracing::info!(expires_at = %token.expires_at, "renewed the ERP session");
                    return Outcome::Token(token);
                }
                Outcome::Failed(error) if is_away(&error) => return Outcome::Failed(error),
                _ => tracing::info!("the ERP did not take the refresh token; signing in"),
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

    /// Shares a new session, and uses it even where it could not be shared.
    async fn keep(
        &self,
        version: i64,
        token: &Token,
        after_401: bool,
    ) -> Result<Arc<Live>, MegaError> {
        if let Err(error) = self.vault.renewed(&self.holder, token).await {
            tracing::warn!(%error, "the new ERP session serves this process alone");
        }
        let live = Live::new(version, token, after_401).map(Arc::new);
        self.set_current(live.clone());
        live.ok_or_else(|| MegaError::Shape {
            route: Route::SignIn,
            problem: "accessToken: not usable in a header".to_owned(),
        })
    }

    /// Stops the fleet's sign-ins.
    async fn stop(&self, last: &mut Renewing, why: &str) -> Result<(), MegaError> {
        tracing::error!(
            why,
            "the ERP refused the sign-in: nobody signs in from now on"
        );
        self.set_current(None);
        last.untold = Some(why.to_owned());
        self.vault.refused(&self.holder, why).await?;
        last.untold = None;
        Ok(())
    }
}

fn living_refresh(state: &SessionState) -> Option<&SecretString> {
    let token = state.token.as_ref()?;
    let ended = token
        .refresh_expires_at
        .is_some_and(|ends| ends <= Utc::now());
    token.refresh.as_ref().filter(|_| !ended)
}

/// Whether signing in would meet the same as the refresh did. Any other answer, a 500 among them,
/// is how servers say that a refresh token is void.
fn is_away(error: &MegaError) -> bool {
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
