//! The server: starting and stopping the simulator.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tokio_util::sync::DropGuard;

use crate::config::{Config, StartError};
use crate::connection::{ResetSwitch, ResettableListener};
use crate::erp::Erp;
use crate::{central_bank, control, routes};

/// How long [`Simulator::stop`] waits for connections to end before it drops them.
const STOP_LIMIT: Duration = Duration::from_secs(5);

/// A running simulator. Dropping it stops it; [`Simulator::stop`] also waits for the end.
pub struct Simulator {
    pub(crate) erp: Arc<Erp>,
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
            .merge(central_bank::router())
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
}
