//! One connection on its way through the proxy.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::TcpStream;
use tokio::sync::watch;

/// Bytes passed on at once; with a delay this bounds the rate as well.
const CHUNK: usize = 16 * 1024;

/// What the proxy does to its connections.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct State {
    /// Closes new connections.
    pub(crate) down: bool,
    /// Keeps every connection, new ones too, and passes nothing on.
    pub(crate) silent: bool,
    /// What each chunk waits, in both directions.
    pub(crate) delay: Duration,
    /// Connections older than the last cut are closed.
    pub(crate) cuts: u64,
}

/// Passes a connection on until either side closes it or the proxy does.
pub(crate) async fn pass(
    client: TcpStream,
    upstream: Arc<str>,
    state: watch::Receiver<State>,
    inspect: impl FnMut(&[u8]),
) {
    let State { down, cuts, .. } = *state.borrow();
    let Ok(server) = TcpStream::connect(&*upstream).await else {
        return;
    };
    if down || client.set_nodelay(true).is_err() || server.set_nodelay(true).is_err() {
        return;
    }
    let (from_client, to_client) = client.into_split();
    let (from_server, to_server) = server.into_split();
    let mut watched = state.clone();
    tokio::select! {
        _ = watched.wait_for(|now| now.cuts != cuts) => {}
        _ = async {
            tokio::try_join!(
                pipe(from_client, to_server, &state, cuts, inspect),
                pipe(from_server, to_client, &state, cuts, |_| {}),
            )
        } => {}
    }
}

async fn pipe(
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
    state: &watch::Receiver<State>,
    cuts: u64,
    mut inspect: impl FnMut(&[u8]),
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
        // What was sent after a cut must not arrive, also where it is read before the cut is seen.
        if state.borrow().cuts != cuts {
            return Ok(());
        }
        inspect(&chunk[..length]);
        to.write_all(&chunk[..length]).await?;
    }
}
