//! Calls to the ERP.
//!
//! Bodies are parsed as they arrive, piece by piece, so that no body is ever held whole. Reading
//! runs at hundreds of megabytes a second: a piece takes less than handing it to another thread.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::NaiveDate;
use reqwest::StatusCode;
use reqwest::header::AUTHORIZATION;
use url::Url;

use super::breaker::Breaker;
use super::budget::Budget;
use super::error::MegaError;
use super::http::{Content, Http, SetupError, content_of, status_error};
use super::live::Live;
use super::pace::Ended;
use super::route::{EMPREENDIMENTOS, Route, largest_body, url_of};
use super::session::Session;
use super::settings::MegaConfig;
use super::sign_in::SignIn;
use super::wanted::{ToMake, Wanted};
use crate::metrics;
use domain::failure::FailureClass;
use domain::job::{ContratoId, EmpreendimentoId};
use domain::records::{Fatura, ListedContrato, Parcela, Record, Rejection};
use domain::session::SessionStore;
use domain::tables::Catalogue;
use parse::Reading;
use runtime::retry::Delays;

/// The longest wait between two tries in place, unless the ERP asks for more.
const LONGEST_DELAY: Duration = Duration::from_secs(15);
/// A Retry-After longer than this is for the job to wait out, out of a worker's hands: in place a
/// call waits at most this long between two tries.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);

/// The ERP, as producer and worker ask it. Clones share the session and the budget.
#[derive(Clone)]
pub struct MegaClient {
    http: Http,
    session: Arc<Session>,
    budget: Arc<Budget>,
    breaker: Arc<Breaker>,
    wanted: Wanted,
    most_calls: usize,
    url: Url,
    tries: u32,
    retry_base: Duration,
}

impl fmt::Debug for MegaClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MegaClient")
    }
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
            budget: Arc::new(Budget::new(config.concurrency, config.timeout)),
            breaker: Arc::new(Breaker::new()),
            wanted: Wanted::default(),
            most_calls: config.concurrency.max(1),
            url: config.url,
            tries: config.tries.max(1),
            retry_base: config.retry_base,
        })
    }

    /// The most calls the whole fleet may have in flight: this process's share is never larger, so
    /// more tasks than these only wait.
    pub fn most_calls(&self) -> usize {
        self.most_calls
    }

    /// Says that so many calls will be made, before they are: [`MegaClient::wanted`] counts them.
    pub fn to_make(&self, calls: usize) -> ToMake {
        self.wanted.add(calls)
    }

    /// Calls, of all clones, that are under way, wait for room or their next try, or are still to be
    /// made.
    pub fn wanted(&self) -> usize {
        self.wanted.count()
    }

    /// Sets how many of the fleet's calls are this process's, all of them until set. With none,
    /// calls wait. Calls in flight go on.
    pub fn set_share(&self, calls: usize) {
        self.budget.set_share(calls);
    }

    /// How many calls may be in flight now, of all clones: what the ERP has shown to take, and no
    /// more than the share.
    pub fn limit(&self) -> usize {
        self.budget.limit()
    }

    /// Calls in flight now, of all clones.
    pub fn in_flight(&self) -> usize {
        self.budget.in_flight()
    }

    /// How many of the fleet's calls those in flight hold, whatever the share is by now: one each,
    /// and the first ones of the process more, so that a fleet begins with few calls.
    pub fn held(&self) -> usize {
        self.budget.held()
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

    /// One call with its tries in place. No permit of the budget is held between them.
    async fn call<R: Reading>(
        &self,
        route: Route,
        path: &str,
        begin: impl Fn() -> R,
    ) -> Result<R::Value, MegaError> {
        let url = self.url_of(route, path)?;
        let _wanted = self.wanted.add(1);
        let mut delays = Delays::new(self.retry_base, LONGEST_DELAY);
        let mut tried = 0;
        loop {
            if self.breaker.is_open() {
                return Err(MegaError::Away);
            }
            let answer = self.exchange(route, &url, &begin).await?;
            let error = match answer {
                Ok(Answer::Read(value)) => return Ok(value),
                Ok(Answer::Empty) => return Ok(begin().nothing()),
                Ok(Answer::Unauthorized) => return Err(MegaError::Unauthorized { route }),
                Err(error) => error,
            };
            tried += 1;
            let Some(pause) = self.pause(&error, tried, delays.next_delay()) else {
                return Err(error);
            };
            tracing::debug!(%error, tried, pause_ms = pause.as_millis() as u64, "trying again");
            tokio::time::sleep(pause).await;
        }
    }

    fn url_of(&self, route: Route, path: &str) -> Result<Url, MegaError> {
        url_of(&self.url, path).map_err(|_| MegaError::Connection {
            route,
            why: "MEGA_API_URL makes no URL with it".to_owned(),
        })
    }

    /// How long to wait before the next try after `error`; `None` when there is none in place.
    fn pause(&self, error: &MegaError, tried: u32, delay: Duration) -> Option<Duration> {
        let tries = match error {
            MegaError::Shape { .. } => 2,
            MegaError::RefusedItem { .. } | MegaError::TooLarge { .. } => 1,
            _ => self.tries,
        };
        let asked = error.retry_after().unwrap_or_default();
        (tried < tries && asked <= LONGEST_PAUSE).then(|| delay.max(asked))
    }

    /// One try: with a session, and after a 401 once more with another. The outer error is the
    /// session's, which no try in place repeats: repeated sign-ins lock the account.
    async fn exchange<R: Reading>(
        &self,
        route: Route,
        url: &Url,
        begin: impl Fn() -> R,
    ) -> Result<Result<Answer<R::Value>, MegaError>, MegaError> {
        // Twice: the first waits for a renewal without holding a permit, the second is for the
        // session that ended while waiting for one.
        self.session.live().await?;
        let room = self.budget.enter().await;
        let live = self.session.live().await?;
        let answer = self.send(route, url, &live, begin()).await;
        room.ended(ended(&answer));
        if !matches!(answer, Ok(Answer::Unauthorized)) {
            return Ok(answer);
        }
        let live = self.session.instead_of(&live, route).await?;
        let room = self.budget.enter().await;
        let answer = self.send(route, url, &live, begin()).await;
        room.ended(ended(&answer));
        Ok(answer)
    }

    async fn send<R: Reading>(
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

    async fn ask<R: Reading>(
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
fn ended<T>(answer: &Result<Answer<T>, MegaError>) -> Ended {
    match answer {
        Ok(Answer::Read(_)) => Ended::Answered,
        Err(MegaError::Throttled { .. }) => Ended::Throttled,
        Err(error) if is_no_answer(error) => Ended::Failed,
        Ok(Answer::Empty | Answer::Unauthorized) | Err(_) => Ended::Neutral,
    }
}

/// Whether an error says that the ERP is in trouble, rather than that it refuses something.
fn is_no_answer(error: &MegaError) -> bool {
    let ours = matches!(error, MegaError::Vault(_) | MegaError::Unauthorized { .. });
    error.class() == FailureClass::Transient && !ours
}
