//! A TCP proxy that cuts, slows down, refuses and falls silent when told to.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use anyhow::Context as _;
use reqwest::Url;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

/// Bytes passed on at once; with a delay this bounds the rate as well.
const CHUNK: usize = 16 * 1024;

#[derive(Debug, Clone, Copy, Default)]
struct State {
    /// Closes every connection, new ones too.
    down: bool,
    /// Keeps every connection, new ones too, and passes nothing on.
    silent: bool,
    /// What each chunk waits, in both directions.
    delay: Duration,
    /// Connections older than the last cut are closed.
    cuts: u64,
}

/// Stands between one process and a service; gone when dropped.
pub struct Proxy {
    url: Url,
    state: watch::Sender<State>,
    accepted: watch::Receiver<u64>,
    _serving: JoinSet<()>,
}

impl Proxy {
    /// A proxy for the service of a URL; `port` is the one that the URL means when it names none.
    pub async fn to(url: &str, port: u16) -> anyhow::Result<Self> {
        let mut url: Url = url.parse()?;
        let host = url.host_str().context("a service has a host")?;
        let upstream = format!("{host}:{}", url.port().unwrap_or(port));
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let SocketAddr::V4(address) = listener.local_addr()? else {
            anyhow::bail!("bound to another address than asked for");
        };
        let changed = url.set_host(Some("127.0.0.1")).is_ok();
        anyhow::ensure!(changed && url.set_port(Some(address.port())).is_ok());

        let (state, watching) = watch::channel(State::default());
        let (accepting, accepted) = watch::channel(0);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((client, _)) = listener.accept().await {
                accepting.send_modify(|count| *count += 1);
                connections.spawn(pass(client, upstream.clone(), watching.clone()));
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
        self.state.send_modify(|state| state.down = true);
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

    /// Waits until somebody has connected.
    pub async fn connected(&self) -> anyhow::Result<()> {
        self.accepted.clone().wait_for(|count| *count > 0).await?;
        Ok(())
    }

    /// Lets every chunk wait, from now on.
    pub fn slow(&self, delay: Duration) {
        self.state.send_modify(|state| state.delay = delay);
    }
}

async fn pass(client: TcpStream, upstream: String, state: watch::Receiver<State>) {
    let State { down, cuts, .. } = *state.borrow();
    let Ok(server) = TcpStream::connect(upstream).await else {
        return;
    };
    if down || client.set_nodelay(true).is_err() || server.set_nodelay(true).is_err() {
        return;
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let mut watched = state.clone();
    tokio::select! {
        _ = watched.wait_for(|now| now.down || now.cuts != cuts) => {}
        _ = async {
            tokio::try_join!(
                pipe(from_client, to_server, &state),
                pipe(from_server, to_client, &state),
            )
        } => {}
    }
}

async fn pipe(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    state: &watch::Receiver<State>,
) -> io::Result<()> {
    let mut watched = state.clone();
    let mut chunk = vec![0; CHUNK];
    loop {
        let length = from.read(&mut chunk).await?;
        if length == 0 {
            return to.shutdown().await;
        }
        if watched.wait_for(|now| !now.silent).await.is_err() {
            return Ok(());
        }
        let delay = state.borrow().delay;
        if !delay.is_zero() {
            tokio::time::sleep(delay).await;
        }
        to.write_all(&chunk[..length]).await?;
    }
}
