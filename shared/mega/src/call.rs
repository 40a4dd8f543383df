//! How one call is made: its session, its permit, and its retries.
//!
//! Bodies are parsed as they arrive, so that none is held whole. Parsing runs at hundreds of
//! megabytes a second: a chunk takes less time than handing it to another thread.

use std::sync::Arc;
use std::time::{Duration, Instant};

use url::Url;

use crate::answer::{Answer, Answered, call_outcome, is_erp_failure};
use crate::breaker::Breaker;
use crate::error::MegaError;
use crate::http::{Http, SetupError};
use crate::limit::ConcurrencyLimit;
use crate::metrics;
use crate::route::{Route, most_tries, url_of};
use crate::session::{ActiveSession, SharedSession, SignIn};
use crate::settings::MegaConfig;
use domain::session::SessionStore;
use parse::BodyParser;
use runtime::retry::{Delays, RetryError, retry};

/// The longest delay between two tries of a call, unless the ERP asks for more.
const LONGEST_DELAY: Duration = Duration::from_secs(15);
/// The longest Retry-After that a call waits for between two tries. For a longer one the call fails,
/// and the job is retried later.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The number of the job whose calls are sent before those of all others: of an urgent job, and of calls
/// that belong to no job.
pub(super) const FIRST: u64 = 0;

/// Makes calls. Clones share the session, the limit and the circuit breaker.
#[derive(Clone)]
pub(super) struct Caller {
    http: Http,
    session: Arc<SharedSession>,
    pub(super) limit: Arc<ConcurrencyLimit>,
    pub(super) breaker: Arc<Breaker>,
    /// The number of the job that the calls belong to.
    pub(super) job: u64,
    base_url: Url,
    tries: u32,
    retry_base: Duration,
}

/// A try that failed.
struct FailedTry {
    error: MegaError,
    /// Whether another try of the same call is ruled out.
    is_final: bool,
}

impl FailedTry {
    const fn last(error: MegaError) -> Self {
        Self {
            error,
            is_final: true,
        }
    }
}

impl Caller {
    pub(super) fn new(
        config: MegaConfig,
        session_store: Arc<dyn SessionStore>,
    ) -> Result<Self, SetupError> {
        let http = Http::new(&config)?;
        let sign_in = SignIn::new(http.clone(), &config)?;
        let session = SharedSession::new(sign_in, session_store, config.timeout);
        Ok(Self {
            http,
            session: Arc::new(session),
            limit: Arc::new(ConcurrencyLimit::new(config.concurrency, config.timeout)),
            breaker: Arc::new(Breaker::new()),
            job: FIRST,
            base_url: config.url,
            tries: config.tries.max(1),
            retry_base: config.retry_base,
        })
    }

    /// One call with its retries; no permit is held between them. Each try begins with another
    /// parser.
    pub(super) async fn call<P: BodyParser>(
        &self,
        route: Route,
        path: &str,
        parser: impl Fn() -> P,
    ) -> Result<P::Value, MegaError> {
        let url = self.url_of(route, path)?;
        let mut delays = Delays::new(self.retry_base, LONGEST_DELAY);
        let mut tried = 0;
        let pause = |failed: &FailedTry, delay| {
            tried += 1;
            let pause = self.pause_before_retry(route, failed, tried, delay)?;
            let pause_ms = pause.as_millis() as u64;
            tracing::debug!(error = %failed.error, tried, pause_ms, "trying again");
            Some(pause)
        };
        let try_once = || self.try_once(route, &url, &parser);
        let called = retry(&mut delays, std::future::pending(), pause, try_once).await;
        called.map_err(|error| match error {
            RetryError::Failed(failed) => failed.error,
            RetryError::Cancelled => MegaError::Away,
        })
    }

    /// One call without retries, even while the circuit is open. Its result opens or closes the
    /// circuit.
    pub(super) async fn probe(&self, route: Route, path: &str) -> Result<(), MegaError> {
        let url = self.url_of(route, path)?;
        match self.exchange(route, &url, || ()).await {
            Err(failed) if is_erp_failure(&failed.error) => {
                self.breaker.open();
                Err(failed.error)
            }
            Err(FailedTry {
                error,
                is_final: true,
            }) => Err(error),
            // Refused or throttled: the ERP answers.
            Ok(_) | Err(_) => {
                self.breaker.close();
                Ok(())
            }
        }
    }

    async fn try_once<P: BodyParser>(
        &self,
        route: Route,
        url: &Url,
        parser: &impl Fn() -> P,
    ) -> Result<P::Value, FailedTry> {
        if self.breaker.is_open() {
            return Err(FailedTry::last(MegaError::Away));
        }
        match self.exchange(route, url, parser).await? {
            Answer::Body(value) => Ok(value),
            Answer::Empty => Ok(parser().empty()),
            Answer::Unauthorized => Err(FailedTry::last(MegaError::Unauthorized { route })),
        }
    }

    /// How long to wait before the next try; `None` when there is none.
    fn pause_before_retry(
        &self,
        route: Route,
        failed: &FailedTry,
        tried: u32,
        delay: Duration,
    ) -> Option<Duration> {
        let tries = match failed.error {
            _ if failed.is_final => 1,
            MegaError::Shape { .. } => 2,
            MegaError::RefusedItem { .. } | MegaError::TooLarge { .. } => 1,
            _ => most_tries(route, self.tries),
        };
        let asked = failed.error.retry_after().unwrap_or_default();
        (tried < tries && asked <= LONGEST_PAUSE).then(|| delay.max(asked))
    }

    /// One try. After a 401 the session is replaced, and the request is sent once more with the new
    /// one. An error of the session is final: repeated sign-ins lock the account.
    async fn exchange<P: BodyParser>(
        &self,
        route: Route,
        url: &Url,
        parser: impl Fn() -> P,
    ) -> Result<Answer<P::Value>, FailedTry> {
        // Before the permit too, so that a call that waits for a renewal holds none.
        self.session.active().await.map_err(FailedTry::last)?;
        let permit = self.limit.acquire(self.job).await;
        let session = self.session.active().await.map_err(FailedTry::last)?;
        let mut answer = self.send(route, url, &session, parser()).await;
        permit.end(call_outcome(&answer, LONGEST_PAUSE));
        if matches!(answer, Ok(Answer::Unauthorized)) {
            let replaced = self.session.replace_rejected(&session, route).await;
            let session = replaced.map_err(FailedTry::last)?;
            let permit = self.limit.acquire(self.job).await;
            answer = self.send(route, url, &session, parser()).await;
            permit.end(call_outcome(&answer, LONGEST_PAUSE));
        }
        answer.map_err(|error| FailedTry {
            error,
            is_final: false,
        })
    }

    /// One HTTP exchange, recorded by the circuit breaker and the metrics.
    async fn send<P: BodyParser>(
        &self,
        route: Route,
        url: &Url,
        session: &ActiveSession,
        parser: P,
    ) -> Answered<P::Value> {
        let (began, call) = (Instant::now(), self.breaker.sent());
        let answer = Answer::request(&self.http, route, url, session, parser).await;
        let failed = answer.as_ref().is_err_and(is_erp_failure);
        self.breaker.note(call, failed);
        let status = answer.as_ref().map(Answer::status);
        metrics::erp_call(route, status, began.elapsed());
        answer
    }

    fn url_of(&self, route: Route, path: &str) -> Result<Url, MegaError> {
        url_of(&self.base_url, path).map_err(|_| MegaError::Connection {
            route,
            why: "MEGA_API_URL makes no URL with it".to_owned(),
        })
    }
}
