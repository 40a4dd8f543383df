//! Calls to the ERP.
//!
//! Bodies are parsed as they arrive, piece by piece, so that no body is ever held whole. Reading
//! runs at hundreds of megabytes a second: a piece takes less than handing it to another thread.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use reqwest::StatusCode;
use reqwest::header::AUTHORIZATION;
use url::Url;

use super::breaker::Breaker;
use super::error::MegaError;
use super::http::{Content, Http, SetupError, content_of, status_error};
use super::limit::{CallOutcome, ConcurrencyLimit};
use super::live::Live;
use super::route::{EMPREENDIMENTOS, Route, largest_body, url_of};
use super::session::Session;
use super::settings::MegaConfig;
use super::sign_in::SignIn;
use crate::metrics;
use domain::failure::FailureClass;
use domain::job::{ContratoId, EmpreendimentoId};
use domain::records::{Fatura, ListedContrato, Parcela, Record, Rejection};
use domain::session::SessionStore;
use domain::tables::Catalogue;
use parse::BodyParser;
use runtime::retry::{Delays, RetryError, retry};

/// The longest wait between two tries in place, unless the ERP asks for more.
const LONGEST_DELAY: Duration = Duration::from_secs(15);
/// A Retry-After longer than this is for the job to wait out, out of a worker's hands: in place a
/// call waits at most this long between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The ERP, as producer and worker ask it. Clones share the session and the limit.
#[derive(Clone)]
pub struct MegaClient {
    http: Http,
    session: Arc<Session>,
    limit: Arc<ConcurrencyLimit>,
    breaker: Arc<Breaker>,
    total: usize,
    /// The number of the job whose calls these are; 0 for those of no job.
    job: u64,
    jobs: Arc<AtomicU64>,
    url: Url,
    tries: u32,
    retry_base: Duration,
}

impl fmt::Debug for MegaClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MegaClient")
    }
}

/// A try that failed; the last where another in place would not help.
struct FailedTry {
    error: MegaError,
    last: bool,
}

/// What one exchange gave.
enum Answer<T> {
    /// What a whole body was read to.
    Read(T),
    /// 204.
    Empty,
    /// 401.
    Unauthorized,
}

impl<T> Answer<T> {
    const fn status(&self) -> u16 {
        match self {
            Self::Read(_) => 200,
            Self::Empty => 204,
            Self::Unauthorized => 401,
        }
    }
}

impl MegaClient {
    /// A client of the ERP whose session is shared through `vault`. Calls nobody yet.
    ///
    /// # Errors
    /// When the settings cannot make a request, or TLS does not start.
    pub fn new(config: MegaConfig, vault: Arc<dyn SessionStore>) -> Result<Self, SetupError> {
        let http = Http::new(&config)?;
        let sign_in = SignIn::new(http.clone(), &config)?;
        Ok(Self {
            http,
            session: Arc::new(Session::new(sign_in, vault, config.timeout)),
            limit: Arc::new(ConcurrencyLimit::new(config.concurrency, config.timeout)),
            breaker: Arc::new(Breaker::new()),
            total: config.concurrency.max(1),
            job: 0,
            jobs: Arc::new(AtomicU64::new(1)),
            url: config.url,
            tries: config.tries.max(1),
            retry_base: config.retry_base,
        })
    }

    /// A clone for one more job: its calls come after those of the jobs before it.
    pub fn for_next_job(&self) -> Self {
        Self {
            job: self.jobs.fetch_add(1, Ordering::Relaxed),
            ..self.clone()
        }
    }

    /// The most calls that the whole fleet may have in flight. The share of this process is never
    /// larger, so more tasks than these only wait.
    pub fn total(&self) -> usize {
        self.total
    }

    /// The least time that so many calls take: as fast as the fastest answer so far, and as many at
    /// once as the fleet may make. Zero before the first answer.
    pub fn least_time(&self, calls: usize) -> Duration {
        let rounds = u32::try_from(calls.div_ceil(self.total)).unwrap_or(u32::MAX);
        self.limit.fastest().saturating_mul(rounds)
    }

    /// Calls, of all clones, that are in flight or wait for a permit; at least one when there were
    /// any since the last time this was asked.
    pub fn take_pending(&self) -> usize {
        self.limit.take_pending()
    }

    /// Sets how many of the fleet's calls are this process's, all of them until set. With none,
    /// calls wait. Calls in flight go on.
    pub fn set_share(&self, calls: usize) {
        self.limit.set_share(calls);
    }

    /// Begins with what the fleet learned earlier; without effect once a call has ended.
    pub fn start_at(&self, calls: usize) {
        self.limit.start_at(calls);
    }

    /// What the whole fleet may have in flight by what this process has seen; `None` before it
    /// knows more than it was told.
    pub fn learned(&self) -> Option<usize> {
        self.limit.learned()
    }

    /// How many calls may be in flight now, of all clones: what the ERP has shown to take, and no
    /// more than the share.
    pub fn limit(&self) -> usize {
        self.limit.limit()
    }

    /// Calls in flight now, of all clones.
    pub fn in_flight(&self) -> usize {
        self.limit.in_flight()
    }

    /// Waits until the ERP answers, when it is away; returns at once when it is not.
    pub async fn until_it_answers(&self) {
        self.breaker.until(false).await;
    }

    /// Waits until the ERP is away: calls then fail at once with [`MegaError::Away`].
    pub async fn until_it_is_away(&self) {
        self.breaker.until(true).await;
    }

    /// Whether the circuit is open, without asking.
    pub fn is_known_to_be_away(&self) -> bool {
        self.breaker.is_open()
    }

    /// Whether the ERP is away. Where that is not known yet, one call finds out.
    pub async fn is_away(&self) -> bool {
        self.breaker.is_open() || self.probe().await.is_err()
    }

    /// One call, without tries in place, that tells whether the ERP answers at all; work goes on,
    /// or stops, by what it finds.
    ///
    /// # Errors
    /// When it does not answer, or may not be asked.
    pub async fn probe(&self) -> Result<(), MegaError> {
        let url = self.url_of(Route::Empreendimentos, EMPREENDIMENTOS)?;
        match self.exchange(Route::Empreendimentos, &url, || ()).await {
            Err(error) | Ok(Err(error)) if is_no_answer(&error) => {
                self.breaker.open();
                Err(error)
            }
            Err(error) => Err(error),
            Ok(_) => {
                self.breaker.close();
                Ok(())
            }
        }
    }

    /// Every empreendimento and filial, and the empreendimentos that could not be read.
    ///
    /// # Errors
    /// When the call failed for good.
    pub async fn catalogue(&self) -> Result<(Catalogue, Vec<Rejection>), MegaError> {
        let route = Route::Empreendimentos;
        let listed = self.call(route, EMPREENDIMENTOS, parse::catalogue).await?;
        Ok(listed.finish())
    }

    /// The contratos of an empreendimento, in the order received.
    ///
    /// # Errors
    /// When the call failed for good.
    pub async fn contratos(
        &self,
        id: EmpreendimentoId,
    ) -> Result<Vec<Record<ListedContrato>>, MegaError> {
        let path = format!("api/Carteira/DadosContrato/IdEmpreendimento={id}");
        self.call(Route::DadosContrato, &path, || parse::contratos(id))
            .await
    }

    /// Folds a contrato's parcelas, in the order received, into what `empty` gives. A try that
    /// fails midway is dropped whole: the next begins with another `empty`.
    ///
    /// # Errors
    /// When the call failed for good.
    pub async fn parcelas<T>(
        &self,
        contrato: ContratoId,
        empty: impl Fn() -> T,
        step: impl Fn(&mut T, Record<Parcela>),
    ) -> Result<T, MegaError> {
        let path = format!("api/Carteira/DadosParcelas/IdContrato={contrato}");
        self.call(Route::DadosParcelas, &path, || {
            parse::parcelas(contrato, empty(), &step)
        })
        .await
    }

    /// Folds the faturas of all filiais due from `ini` to `fim`, both included, as
    /// [`MegaClient::parcelas`] does. The ERP refuses a period of more than two years.
    ///
    /// # Errors
    /// When the call failed for good.
    pub async fn faturas<T>(
        &self,
        ini: NaiveDate,
        fim: NaiveDate,
        empty: impl Fn() -> T,
        step: impl Fn(&mut T, Record<Fatura>),
    ) -> Result<T, MegaError> {
        let path = format!("api/FinanceiroMovimentacao/FaturaPagar/Saldo/{ini}/{fim}");
        self.call(Route::FaturaPagar, &path, || parse::faturas(empty(), &step))
            .await
    }

    /// One call with its tries in place. No permit is held between them.
    async fn call<R: BodyParser>(
        &self,
        route: Route,
        path: &str,
        begin: impl Fn() -> R,
    ) -> Result<R::Value, MegaError> {
        let url = self.url_of(route, path)?;
        let mut delays = Delays::new(self.retry_base, LONGEST_DELAY);
        let mut tried = 0;
        let pause = |failed: &FailedTry, delay| {
            tried += 1;
            let pause = self.pause(failed, tried, delay)?;
            let pause_ms = pause.as_millis() as u64;
            tracing::debug!(error = %failed.error, tried, pause_ms, "trying again");
            Some(pause)
        };
        let ask = || self.try_once(route, &url, &begin);
        let called = retry(&mut delays, std::future::pending(), pause, ask).await;
        called.map_err(|error| match error {
            RetryError::Failed(failed) => failed.error,
            RetryError::Cancelled => MegaError::Away,
        })
    }

    async fn try_once<R: BodyParser>(
        &self,
        route: Route,
        url: &Url,
        begin: &impl Fn() -> R,
    ) -> Result<R::Value, FailedTry> {
        let last = |error| FailedTry { error, last: true };
        if self.breaker.is_open() {
            return Err(last(MegaError::Away));
        }
        match self.exchange(route, url, begin).await.map_err(last)? {
            Ok(Answer::Read(value)) => Ok(value),
            Ok(Answer::Empty) => Ok(begin().empty()),
            Ok(Answer::Unauthorized) => Err(last(MegaError::Unauthorized { route })),
            Err(error) => Err(FailedTry { error, last: false }),
        }
    }

    fn url_of(&self, route: Route, path: &str) -> Result<Url, MegaError> {
        url_of(&self.url, path).map_err(|_| MegaError::Connection {
            route,
            why: "MEGA_API_URL makes no URL with it".to_owned(),
        })
    }

    /// How long to wait before the next try; `None` when there is none in place.
    fn pause(&self, failed: &FailedTry, tried: u32, delay: Duration) -> Option<Duration> {
        let tries = match failed.error {
            _ if failed.last => 1,
            MegaError::Shape { .. } => 2,
            MegaError::RefusedItem { .. } | MegaError::TooLarge { .. } => 1,
            _ => self.tries,
        };
        let asked = failed.error.retry_after().unwrap_or_default();
        (tried < tries && asked <= LONGEST_PAUSE).then(|| delay.max(asked))
    }

    /// One try: with a session, and after a 401 once more with another. The outer error is the
    /// session's, which no try in place repeats: repeated sign-ins lock the account.
    async fn exchange<R: BodyParser>(
        &self,
        route: Route,
        url: &Url,
        begin: impl Fn() -> R,
    ) -> Result<Result<Answer<R::Value>, MegaError>, MegaError> {
        // Twice: the first waits for a renewal without holding a permit, the second is for the
        // session that ended while waiting for one.
        self.session.live().await?;
        let permit = self.limit.acquire(self.job).await;
        let live = self.session.live().await?;
        let answer = self.send(route, url, &live, begin()).await;
        permit.end(outcome(&answer));
        if !matches!(answer, Ok(Answer::Unauthorized)) {
            return Ok(answer);
        }
        let live = self.session.instead_of(&live, route).await?;
        let permit = self.limit.acquire(self.job).await;
        let answer = self.send(route, url, &live, begin()).await;
        permit.end(outcome(&answer));
        Ok(answer)
    }

    async fn send<R: BodyParser>(
        &self,
        route: Route,
        url: &Url,
        live: &Live,
        reading: R,
    ) -> Result<Answer<R::Value>, MegaError> {
        let (began, call) = (Instant::now(), self.breaker.sent());
        let answer = self.ask(route, url, live, reading).await;
        self.breaker
            .note(call, answer.as_ref().is_err_and(is_no_answer));
        let status = answer.as_ref().map(Answer::status);
        metrics::erp_call(route, status, began.elapsed());
        answer
    }

    async fn ask<R: BodyParser>(
        &self,
        route: Route,
        url: &Url,
        live: &Live,
        reading: R,
    ) -> Result<Answer<R::Value>, MegaError> {
        let request = self.http.client.get(url.clone());
        let request = request.header(AUTHORIZATION, live.bearer());
        let response = self.http.send(route, request).await?;
        if response.status() == StatusCode::UNAUTHORIZED {
            return Ok(Answer::Unauthorized);
        }
        live.accepted();
        if response.status() == StatusCode::NO_CONTENT {
            return Ok(Answer::Empty);
        }
        if !response.status().is_success() {
            return Err(status_error(route, &response));
        }
        let content_type = match content_of(&response) {
            Content::Json => {
                let most = largest_body(route);
                let read = self.http.read(route, response, most, reading);
                return Ok(Answer::Read(read.await?));
            }
            Content::Text => "plain text".to_owned(),
            Content::Other(kind) => kind,
        };
        Err(MegaError::NotJson {
            route,
            content_type,
        })
    }
}

/// What an answer says about the load on the ERP.
fn outcome<T>(answer: &Result<Answer<T>, MegaError>) -> CallOutcome {
    match answer {
        Ok(Answer::Read(_)) => CallOutcome::Answered,
        Err(MegaError::Throttled { retry_after, .. }) => {
            // A longer one is the job's to wait out.
            CallOutcome::Throttled(retry_after.filter(|asked| *asked <= LONGEST_PAUSE))
        }
        Err(error) if is_no_answer(error) => CallOutcome::Failed,
        Ok(Answer::Empty | Answer::Unauthorized) | Err(_) => CallOutcome::Neutral,
    }
}

/// Whether an error says that the ERP is in trouble, rather than that it refuses something.
fn is_no_answer(error: &MegaError) -> bool {
    let ours = matches!(error, MegaError::Vault(_) | MegaError::Unauthorized { .. });
    error.class() == FailureClass::Transient && !ours
}
