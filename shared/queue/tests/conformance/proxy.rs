//! A TCP proxy that fails when told to.

use std::net::SocketAddr;

use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tokio::task::JoinSet;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// Passes everything on.
    Up,
    /// Holds connections open and passes nothing on.
    Silent,
    /// Closes every connection, new ones too.
    Down,
}

/// Stands between a client and `upstream`; gone when dropped.
pub struct Proxy {
    address: SocketAddr,
    state: watch::Sender<State>,
    _serving: JoinSet<()>,
}

impl Proxy {
    pub async fn to(upstream: String) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (state, watching) = watch::channel(State::Up);
        let mut serving = JoinSet::new();
        serving.spawn(async move {
            let mut connections = JoinSet::new();
            loop {
                let (client, _) = listener.accept().await.unwrap();
                connections.spawn(pass(client, upstream.clone(), watching.clone()));
            }
        });
        Self {
            address,
            state,
            _serving: serving,
        }
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn up(&self) {
        self.state.send_replace(State::Up);
    }

    pub fn silence(&self) {
        self.state.send_replace(State::Silent);
    }

    pub fn down(&self) {
        self.state.send_replace(State::Down);
    }
}

async fn pass(mut client: TcpStream, upstream: String, mut state: watch::Receiver<State>) {
    let mut server = TcpStream::connect(upstream).await.unwrap();
    loop {
        let now = *state.borrow_and_update();
        match now {
            State::Down => return,
            State::Silent => state.changed().await.unwrap(),
            State::Up => tokio::select! {
                _ = copy_bidirectional(&mut client, &mut server) => return,
                changed = state.changed() => changed.unwrap(),
            },
        }
    }
}
