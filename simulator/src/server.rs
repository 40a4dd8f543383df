//! The running simulator and the handle to it.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinHandle;
use tokio::time::Instant;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::auth::Accounts;
use crate::call::{Call, Route, Selector};
use crate::config::{Config, DataSource, StartError};
use crate::connection::{ResetSwitch, ResettableListener};
use crate::counters::{Counters, Tally};
use crate::data::{Data, Source};
use crate::faults::{Fault, FaultKind, Faults};
use crate::folder::Folder;
use crate::gate::Gates;
use crate::latency::Latency;
use crate::lies::Lie;
use crate::seeded::SeededSource;
use crate::{control, routes};

/// How long [`Simulator::stop`] waits for connections to end before it drops them.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// Everything behind the routes.
pub(crate) struct Erp {
    pub accounts: Accounts,
    pub data: Arc<Data>,
    pub faults: Faults,
    pub gates: Gates,
    pub tally: Tally,
    pub gzip: bool,
    pub stopping: CancellationToken,
    latency: Mutex<Latency>,
    /// How many times as long as usual everything takes, calls under way too.
    slowness: watch::Sender<f64>,
}

impl Erp {
    fn new(config: &Config) -> Result<Self, StartError> {
        let source: Box<dyn Source> = match &config.source {
            DataSource::Folder(root) => Box::new(Folder::open(root)?),
            DataSource::Seeded(seeded) => {
                Box::new(SeededSource::new(seeded).map_err(StartError::Setting)?)
            }
        };
        if !config.latency.is_valid() {
            return Err(StartError::Setting(
                "a latency must be finite and not negative".into(),
            ));
        }
        Ok(Self {
            accounts: Accounts::new(config),
            data: Arc::new(Data::new(source)),
            faults: Faults::new(config.fault_seed),
            gates: Gates::new(),
            tally: Tally::new(),
            gzip: config.gzip,
            stopping: CancellationToken::new(),
            latency: Mutex::new(config.latency),
            slowness: watch::Sender::new(1.0),
        })
    }

    pub fn latency(&self) -> Latency {
        *self.latency.lock().expect("no holder of this lock panics")
    }

    pub fn set_latency(&self, latency: Latency) {
        *self.latency.lock().expect("no holder of this lock panics") = latency;
    }

    pub fn set_slowness(&self, times: f64) {
        self.slowness.send_replace(times);
    }

    /// Takes as long for a call as the latency says for so many in flight, at the speed of the time:
    /// when it changes, what is left of the call takes longer, or less long.
    pub async fn take_time(&self, in_flight: u64) {
        let mut slowness = self.slowness.subscribe();
        let mut left = self.latency().of(in_flight);
        loop {
            let times = *slowness.borrow_and_update();
            let began = Instant::now();
            let ends = Duration::try_from_secs_f64(left.as_secs_f64() * times);
            tokio::select! {
                () = tokio::time::sleep(ends.unwrap_or(Duration::MAX)) => return,
                _ = slowness.changed() => {
                    left = left.saturating_sub(began.elapsed().div_f64(times));
                }
            }
        }
    }

    pub async fn pass_gates(&self, call: Call) {
        if self.gates.holds(call) {
            let _held = self.tally.at_gate();
            self.gates.pass(call).await;
        }
    }

    pub fn pick_fault(&self, call: Call) -> Option<FaultKind> {
        let kind = self.faults.pick(call)?;
        tracing::debug!(route = ?call.route(), kind = kind.name(), "serving a fault");
        self.tally.count(|counters| {
            *counters.faults.entry(kind.name().to_owned()).or_default() += 1;
        });
        Some(kind)
    }

    /// Makes the body of a call and something of it, away from the runtime's threads.
    pub async fn render<T: Send + 'static>(
        &self,
        call: Call,
        finish: impl FnOnce(Option<Vec<u8>>) -> T + Send + 'static,
    ) -> io::Result<T> {
        let data = Arc::clone(&self.data);
        tokio::task::spawn_blocking(move || data.body(call).map(finish)).await?
    }

    /// A call that waits when the simulator stops must not keep it from stopping.
    pub async fn unless_stopping(&self, answer: impl Future<Output = Response>) -> Response {
        tokio::select! {
            response = answer => response,
            () = self.stopping.cancelled() => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    }
}

/// Whether everything can take so many times as long.
pub(crate) fn is_slowness(times: f64) -> bool {
    times.is_finite() && times > 0.0
}

/// A running simulator. Dropping it stops it; [`Simulator::stop`] also waits for the end.
pub struct Simulator {
    erp: Arc<Erp>,
    address: SocketAddr,
    server: JoinHandle<()>,
    _stop: DropGuard,
}

impl Simulator {
    /// Binds the address and serves, on the current tokio runtime.
    ///
    /// # Errors
    /// When the address is taken, the folder cannot be read or a setting makes no sense.
    pub async fn start(config: Config) -> Result<Self, StartError> {
        let erp = Arc::new(Erp::new(&config)?);
        let failed = |source| StartError::Listen {
            address: config.listen,
            source,
        };
        let listener = TcpListener::bind(config.listen).await.map_err(failed)?;
        let address = listener.local_addr().map_err(failed)?;
        let app = routes::router()
            .nest("/control", control::router())
            .with_state(Arc::clone(&erp))
            .into_make_service_with_connect_info::<ResetSwitch>();
        let stopping = erp.stopping.clone().cancelled_owned();
        let serving =
            axum::serve(ResettableListener(listener), app).with_graceful_shutdown(stopping);
        let server = tokio::spawn(async move {
            if let Err(error) = serving.await {
                tracing::error!(%error, "the server ended");
            }
        });
        let _stop = erp.stopping.clone().drop_guard();
        Ok(Self {
            erp,
            address,
            server,
            _stop,
        })
    }

    /// Where it listens, for example `http://127.0.0.1:41233`.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The bound address.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Stops: calls that wait are answered 503, connections are closed, and the address is free
    /// when this returns, at the latest after 5 seconds.
    pub async fn stop(mut self) {
        self.erp.stopping.cancel();
        if tokio::time::timeout(STOP_LIMIT, &mut self.server)
            .await
            .is_err()
        {
            self.server.abort();
        }
    }

    /// Adds a fault after those that are there.
    pub fn fault(&self, fault: Fault) {
        self.faults([fault]);
    }

    /// Adds faults after those that are there.
    pub fn faults(&self, faults: impl IntoIterator<Item = Fault>) {
        self.erp.faults.add(faults);
    }

    /// Removes all faults. Calls that already hang stay hanging.
    pub fn clear_faults(&self) {
        self.erp.faults.clear();
    }

    /// Sets how long data calls take from now on.
    pub fn set_latency(&self, latency: Latency) {
        self.erp.set_latency(latency);
    }

    /// Makes data calls take so many times as long from now on, those under way too: a server that
    /// recovers also ends sooner what it has in hand. Finite and more than zero.
    ///
    /// # Panics
    /// When `times` is neither.
    pub fn set_slowness(&self, times: f64) {
        assert!(is_slowness(times), "a slowness of {times}");
        self.erp.set_slowness(times);
    }

    /// Holds the selected calls, on their arrival and before faults and latency, until
    /// [`Simulator::open_gates`]. [`Counters::at_gate`] says how many are held.
    pub fn gate(&self, selector: Selector) {
        self.erp.gates.close(selector);
    }

    /// Lets all held calls go on and holds no more.
    pub fn open_gates(&self) {
        self.erp.gates.open_all();
    }

    /// Replaces the list of empreendimentos.
    pub fn override_empreendimentos(&self, body: Value) {
        self.erp
            .data
            .change(|overrides| overrides.set_empreendimentos(body));
    }

    /// Replaces the contract list of one empreendimento, also in the answer for all (0).
    pub fn override_contratos(&self, empreendimento: i64, body: Value) {
        self.erp
            .data
            .change(|overrides| overrides.set_contratos(empreendimento, body));
    }

    /// Replaces the parcelas of one contract.
    pub fn override_parcelas(&self, cod_contrato: i64, body: Value) {
        self.erp
            .data
            .change(|overrides| overrides.set_parcelas(cod_contrato, body));
    }

    /// Replaces all payables; they are still filtered by due date and filial, where readable.
    pub fn override_faturas(&self, rows: &[Value]) {
        self.erp
            .data
            .change(|overrides| overrides.set_faturas(rows));
    }

    /// Forgets all overrides.
    pub fn clear_overrides(&self) {
        self.erp.data.change(|overrides| overrides.clear());
    }

    /// Tells a lie from now on, over the data and the overrides, after those already told.
    ///
    /// # Panics
    /// When it makes no sense, for example a share above 1.
    pub fn lie(&self, lie: Lie) {
        assert_eq!(lie.problem(), None, "{lie:?}");
        self.erp.data.change_lies(|lies| lies.push(lie));
    }

    /// Forgets all lies.
    pub fn clear_lies(&self) {
        self.erp.data.change_lies(Vec::clear);
    }

    /// Lifetime of the access tokens issued from now on; refresh tokens live twice as long.
    pub fn set_token_lifetime(&self, lifetime: Duration) {
        self.erp.accounts.set_lifetime(lifetime);
    }

    /// Makes every access token answer 401; refreshing still works.
    pub fn void_access_tokens(&self) {
        self.erp.accounts.void_access();
    }

    /// Makes every access and refresh token worthless.
    pub fn void_all_tokens(&self) {
        self.erp.accounts.void_all();
    }

    /// Refuses every sign-in, as for a changed password, until switched off. Refusals count
    /// towards the account's lock.
    pub fn refuse_sign_ins(&self, refuse: bool) {
        self.erp.accounts.refuse(refuse);
    }

    /// Whether the account is locked.
    pub fn account_locked(&self) -> bool {
        self.erp.accounts.locked()
    }

    /// Unlocks the account, as a person at the ERP would.
    pub fn unlock_account(&self) {
        self.erp.accounts.unlock();
    }

    /// What has been asked so far.
    pub fn counters(&self) -> Counters {
        self.erp.tally.snapshot()
    }

    /// Sets the counters to zero, except for what is in flight or at a gate now.
    pub fn reset_counters(&self) {
        self.erp.tally.reset();
    }

    /// Returns when at least `calls` calls of a route have arrived since the start or the last
    /// reset of the counters. Without a limit of its own: wrap it in a timeout.
    pub async fn wait_for_calls(&self, route: Route, calls: u64) -> Counters {
        self.wait_until(|counters| counters.calls_of(route) >= calls)
            .await
    }

    /// Returns when the counters are as `holds` says, for example `|c| c.at_gate == 2`.
    pub async fn wait_until(&self, holds: impl FnMut(&Counters) -> bool) -> Counters {
        self.erp.tally.wait_until(holds).await
    }
}
