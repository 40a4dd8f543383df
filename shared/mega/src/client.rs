//! The client: the ERP's data, route by route, and the state of the calls.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use chrono::NaiveDate;

use crate::call::{Caller, FIRST};
use crate::error::MegaError;
use crate::http::SetupError;
use crate::route::{EMPREENDIMENTOS, Route};
use crate::settings::MegaConfig;
use domain::job::{ContratoId, EmpreendimentoId, FilialId};
use domain::records::{Fatura, ListedContrato, Parcela, Record, Rejection};
use domain::session::SessionStore;
use domain::tables::Catalogue;

/// Where the routes of the payables are.
const FATURA_PAGAR: &str = "api/FinanceiroMovimentacao/FaturaPagar";

/// The client of the ERP. Clones share the session, the concurrency limit and the circuit breaker.
#[derive(Clone)]
pub struct MegaClient {
    caller: Caller,
    total: usize,
    /// The number of the next job.
    jobs: Arc<AtomicU64>,
}

impl fmt::Debug for MegaClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MegaClient")
    }
}

impl MegaClient {
    /// A client of the ERP whose session is shared through `session_store`. Makes no call yet.
    ///
    /// # Errors
    /// When the settings cannot make a request, or TLS does not start.
    pub fn new(
        config: MegaConfig,
        session_store: Arc<dyn SessionStore>,
    ) -> Result<Self, SetupError> {
        Ok(Self {
            total: config.concurrency.max(1),
            caller: Caller::new(config, session_store)?,
            jobs: Arc::new(AtomicU64::new(1)),
        })
    }

    /// A clone for one more job: its calls are sent after those of the jobs before it.
    pub fn for_next_job(&self) -> Self {
        let mut client = self.clone();
        client.caller.job = self.jobs.fetch_add(1, Ordering::Relaxed);
        client
    }

    /// A clone for an urgent job: its calls are sent before those of the jobs of
    /// [`MegaClient::for_next_job`].
    pub fn for_urgent_job(&self) -> Self {
        let mut client = self.clone();
        client.caller.job = FIRST;
        client
    }

    /// Every empreendimento and filial, and the empreendimentos that could not be parsed.
    ///
    /// # Errors
    /// When the call failed for good.
    pub async fn catalogue(&self) -> Result<(Catalogue, Vec<Rejection>), MegaError> {
        let route = Route::Empreendimentos;
        let listed = self.caller.call(route, EMPREENDIMENTOS, parse::catalogue);
        Ok(listed.await?.finish())
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
        self.caller
            .call(Route::DadosContrato, &path, || parse::contratos(id))
            .await
    }

    /// Folds a contrato's parcelas, in the order received, into the value that `empty` returns. The
    /// value of a try that fails is dropped; the next try begins with another `empty`.
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
        self.caller
            .call(Route::DadosParcelas, &path, || {
                parse::parcelas(contrato, empty(), &step)
            })
            .await
    }

    /// Folds the faturas of a filial, or of all, due from `ini` to `fim`, both included, as
    /// [`MegaClient::parcelas`] does. The ERP refuses a period of more than two years.
    ///
    /// # Errors
    /// When the call failed for good.
    pub async fn faturas<T>(
        &self,
        filial: Option<FilialId>,
        ini: NaiveDate,
        fim: NaiveDate,
        empty: impl Fn() -> T,
        step: impl Fn(&mut T, Record<Fatura>),
    ) -> Result<T, MegaError> {
        let of_filial = filial.map(|filial| format!("/Filial/{filial}"));
        let of_filial = of_filial.unwrap_or_default();
        let path = format!("{FATURA_PAGAR}/Saldo{of_filial}/{ini}/{fim}");
        self.fold_faturas(Route::FaturaPagar, &path, empty, step)
            .await
    }

    /// Folds the faturas of all filiais that are still open and due from `ini` to `fim`, by the ERP's
    /// own list of them, as [`MegaClient::faturas`] does. A call that fails is tried twice at most.
    ///
    /// # Errors
    /// When the call failed for good, such as where the ERP has no such route.
    pub async fn faturas_em_aberto<T>(
        &self,
        ini: NaiveDate,
        fim: NaiveDate,
        empty: impl Fn() -> T,
        step: impl Fn(&mut T, Record<Fatura>),
    ) -> Result<T, MegaError> {
        let path = format!("{FATURA_PAGAR}/SaldoEmAberto/{ini}/{fim}");
        self.fold_faturas(Route::FaturaPagarEmAberto, &path, empty, step)
            .await
    }

    async fn fold_faturas<T>(
        &self,
        route: Route,
        path: &str,
        empty: impl Fn() -> T,
        step: impl Fn(&mut T, Record<Fatura>),
    ) -> Result<T, MegaError> {
        self.caller
            .call(route, path, || parse::faturas(empty(), &step))
            .await
    }

    /// One call without retries that shows whether the ERP answers; its result opens or closes the
    /// circuit.
    ///
    /// # Errors
    /// When the ERP does not answer, or there is no session to call it with.
    pub async fn probe(&self) -> Result<(), MegaError> {
        let route = Route::Empreendimentos;
        self.caller.probe(route, EMPREENDIMENTOS).await
    }

    /// Whether the ERP is away. Makes a call to find out, unless the circuit is open.
    pub async fn is_away(&self) -> bool {
        self.is_known_to_be_away() || self.probe().await.is_err()
    }

    /// Whether the circuit is open, without a call.
    pub fn is_known_to_be_away(&self) -> bool {
        self.caller.breaker.is_open()
    }

    /// Waits until the ERP answers, when it is away; returns at once when it is not.
    pub async fn until_it_answers(&self) {
        self.caller.breaker.until(false).await;
    }

    /// Waits until the ERP is away: calls then fail at once with [`MegaError::Away`].
    pub async fn until_it_is_away(&self) {
        self.caller.breaker.until(true).await;
    }

    /// The most calls that the whole fleet may have in flight. The share of this process is never
    /// larger, so more concurrent tasks than these only wait.
    pub fn total(&self) -> usize {
        self.total
    }

    /// The least time that so many calls take: each as long as the fastest answer so far, and as
    /// many at once as the fleet may make. Zero before the first answer.
    pub fn least_time(&self, calls: usize) -> Duration {
        let rounds = u32::try_from(calls.div_ceil(self.total)).unwrap_or(u32::MAX);
        self.caller.limit.fastest().saturating_mul(rounds)
    }

    /// Calls, of all clones, that are in flight or wait for a permit; at least one when there were
    /// any since the last time this was called.
    pub fn take_pending(&self) -> usize {
        self.caller.limit.take_pending()
    }

    /// Sets how many of the fleet's calls this process may make, all of them until set. With none,
    /// calls wait. Calls in flight continue.
    pub fn set_share(&self, calls: usize) {
        self.caller.limit.set_share(calls);
    }

    /// Starts with the limit that the fleet learned earlier; without effect once a call has ended.
    pub fn start_at(&self, calls: usize) {
        self.caller.limit.start_at(calls);
    }

    /// The limit of the whole fleet that this process has learned from the ERP's answers; `None`
    /// before the first change.
    pub fn learned(&self) -> Option<usize> {
        self.caller.limit.learned()
    }

    /// How many calls, of all clones, may be in flight now: the learned limit, at most the share.
    pub fn limit(&self) -> usize {
        self.caller.limit.limit()
    }

    /// Calls in flight now, of all clones.
    pub fn in_flight(&self) -> usize {
        self.caller.limit.in_flight()
    }
}
