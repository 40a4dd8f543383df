//! The proxy, and what a test can do to it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio::task::JoinSet;
use url::Url;

use crate::pass::{State, pass};

/// Sees the bytes of one connection that its client sends, in order, before the service gets them.
pub type Inspector = Box<dyn FnMut(&[u8]) + Send>;

/// Stands between clients and a service. Dropping it closes every connection.
pub struct Proxy {
    url: Url,
    state: watch::Sender<State>,
    accepted: watch::Receiver<u64>,
    _serving: JoinSet<()>,
}

impl Proxy {
    /// A proxy for the service of a URL; `port` is the one that the URL means when it names none.
    ///
    /// # Errors
    /// When the URL names no host, or no port of 127.0.0.1 can be listened on.
    pub async fn to(url: &str, port: u16) -> anyhow::Result<Self> {
        Self::inspected(url, port, || Box::new(|_| {})).await
    }

    /// The same, with an inspector for each connection.
    ///
    /// # Errors
    /// As [`Proxy::to`].
    pub async fn inspected(
        url: &str,
        port: u16,
        inspector: impl Fn() -> Inspector + Send + 'static,
    ) -> anyhow::Result<Self> {
        let mut url: Url = url.parse()?;
        let host = url.host_str().context("a service has a host")?;
        let upstream: Arc<str> = format!("{host}:{}", url.port().unwrap_or(port)).into();
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let SocketAddr::V4(address) = listener.local_addr()? else {
            anyhow::bail!("bound to another address than asked for");
        };
        url.set_host(Some("127.0.0.1"))?;
        let changed = url.set_port(Some(address.port())).is_ok();
        anyhow::ensure!(changed, "the URL of a service can name a port");

        let (state, watched) = watch::channel(State::default());
        let (accepting, accepted) = watch::channel(0);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                accepting.send_modify(|count| *count += 1);
                let upstream = Arc::clone(&upstream);
                connections.spawn(pass(client, upstream, watched.clone(), inspector()));
                while connections.try_join_next().is_some() {}
            }
        });
        Ok(Self {
            url,
            state,
            accepted,
            _serving: serving,
        })
    }

    /// The service's URL, through this proxy.
    pub fn url(&self) -> String {
        self.url.to_string()
    }

    /// Closes every connection there is; new ones are served.
    pub fn cut(&self) {
        self.state.send_modify(|state| state.cuts += 1);
    }

    /// Closes every connection, and new ones at once, until [`Proxy::up`].
    pub fn down(&self) {
        self.state.send_modify(|state| {
            state.down = true;
            state.cuts += 1;
        });
    }

    /// Keeps every connection, takes new ones, and passes nothing on, until [`Proxy::up`].
    pub fn silence(&self) {
        self.state.send_modify(|state| state.silent = true);
    }

    /// Serves again.
    pub fn up(&self) {
        self.state.send_modify(|state| {
            state.down = false;
            state.silent = false;
        });
    }

    /// Delays every chunk of at most 16 KiB, in both directions, from now on.
    pub fn slow(&self, delay: Duration) {
        self.state.send_modify(|state| state.delay = delay);
    }

    /// Waits until a client has connected.
    ///
    /// # Errors
    /// When the proxy has stopped listening.
    pub async fn connected(&self) -> anyhow::Result<()> {
        self.accepted.clone().wait_for(|count| *count > 0).await?;
        Ok(())
    }
}
