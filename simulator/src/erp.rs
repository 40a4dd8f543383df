//! The simulated ERP behind the routes: its data and accounts, and the steps of a call.

use std::future::Future;
use std::io;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use tokio::sync::watch;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;

use crate::auth::Accounts;
use crate::call::Call;
use crate::central_bank::Series;
use crate::config::{Config, DataSource, StartError};
use crate::counters::Tally;
use crate::data::{Data, Source};
use crate::faults::{FaultKind, Faults};
use crate::folder::Folder;
use crate::gate::Gates;
use crate::latency::Latency;
use crate::seeded::SeededSource;

/// What the routes answer from.
pub(crate) struct Erp {
    pub accounts: Accounts,
    pub data: Arc<Data>,
    pub faults: Faults,
    pub gates: Gates,
    pub tally: Tally,
    pub ipca: Series,
    pub gzip: bool,
    pub stopping: CancellationToken,
    latency: Mutex<Latency>,
    /// The factor on the time of every call, those in flight included.
    slowness: watch::Sender<f64>,
}

impl Erp {
    pub fn new(config: &Config) -> Result<Self, StartError> {
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
            ipca: Series::default(),
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

    /// Waits for the latency of a call with so many in flight. When the slowness changes meanwhile,
    /// the rest of the wait changes with it.
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

    /// Makes the body of a call, and from it what `finish` returns, on a blocking thread.
    pub async fn render<T: Send + 'static>(
        &self,
        call: Call,
        finish: impl FnOnce(Option<Vec<u8>>) -> T + Send + 'static,
    ) -> io::Result<T> {
        let data = Arc::clone(&self.data);
        tokio::task::spawn_blocking(move || data.body(call).map(finish)).await?
    }

    /// The answer, or 503 when the simulator stops first: no call holds up the stop.
    pub async fn unless_stopping(&self, answer: impl Future<Output = Response>) -> Response {
        tokio::select! {
            response = answer => response,
            () = self.stopping.cancelled() => StatusCode::SERVICE_UNAVAILABLE.into_response(),
        }
    }
}

/// Whether it is a valid factor on the time of calls.
pub(crate) fn is_slowness(times: f64) -> bool {
    times.is_finite() && times > 0.0
}
