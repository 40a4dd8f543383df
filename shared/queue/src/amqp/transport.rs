//! The bytes to and from the broker: TCP, and TLS for `amqps`.
//!
//! lapin's own TLS brings readers of PKCS #12, some fifty crates of which nothing is used here.
//! TLS is rustls for the other services too, so lapin is given a stream that is ready to use.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use async_rs::traits::Reactor;
use async_rs::util::RuntimeParts;
use async_rs::{Runtime, Tokio};
use futures::Stream;
use futures::io::{AsyncRead, AsyncWrite};
use lapin::AsyncTcpStream;
use lapin::uri::{AMQPScheme, AMQPUri};
use runtime::tls::Authorities;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_util::compat::TokioAsyncReadCompatExt as _;

/// Connects to the broker of a URL.
#[derive(Clone)]
pub(super) struct Transport {
    /// `None` for a URL without TLS.
    tls: Option<TlsConnector>,
}

/// A stream of either kind.
pub(super) type BrokerStream = Box<dyn ReadWrite>;

/// The runtime that lapin runs on: tokio, with streams of either kind.
pub(super) type BrokerRuntime = Runtime<RuntimeParts<Tokio, StreamReactor>>;

/// What lapin asks of a stream.
pub(super) trait ReadWrite: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> ReadWrite for S {}

impl Transport {
    /// For a broker's URL. TLS trusts the authorities of the system, and `authorities`.
    pub(super) fn new(uri: &AMQPUri, authorities: Option<&Authorities>) -> Self {
        let tls = (uri.scheme == AMQPScheme::AMQPS).then(|| {
            let config = ClientConfig::builder()
                .with_root_certificates(trusted(authorities))
                .with_no_client_auth();
            TlsConnector::from(Arc::new(config))
        });
        Self { tls }
    }

    /// A new stream, with the TLS handshake done.
    pub(super) async fn connect(&self, uri: &AMQPUri) -> io::Result<AsyncTcpStream<BrokerStream>> {
        let (host, port) = (&uri.authority.host, uri.authority.port);
        let tcp = TcpStream::connect((host.as_str(), port)).await?;
        tcp.set_nodelay(true)?;
        let stream: BrokerStream = match &self.tls {
            None => Box::new(tcp.compat()),
            Some(tls) => {
                let name = ServerName::try_from(host.clone()).map_err(io::Error::other)?;
                Box::new(tls.connect(name, tcp).await?.compat())
            }
        };
        Ok(AsyncTcpStream::Plain(stream))
    }
}

fn trusted(authorities: Option<&Authorities>) -> RootCertStore {
    let mut store = RootCertStore::empty();
    let system = rustls_native_certs::load_native_certs();
    for error in system.errors {
        tracing::warn!(%error, "cannot load an authority of the system");
    }
    store.add_parsable_certificates(system.certs);
    if let Some(authorities) = authorities {
        store.add_parsable_certificates(authorities.certificates());
    }
    store
}

/// The runtime of the caller.
pub(super) fn runtime() -> BrokerRuntime {
    let tokio = Tokio::current();
    let reactor = StreamReactor(tokio.clone());
    Runtime::new(RuntimeParts::new(tokio, reactor))
}

/// Tokio's reactor, but for the type of its streams.
#[derive(Debug, Clone)]
pub(super) struct StreamReactor(Tokio);

impl Reactor for StreamReactor {
    type TcpStream = BrokerStream;
    type Sleep = <Tokio as Reactor>::Sleep;

    fn register<H: io::Read + io::Write + Send + 'static>(
        &self,
        _: H,
    ) -> io::Result<impl AsyncRead + AsyncWrite + Send + Unpin + 'static> {
        // lapin never registers a socket of its own.
        Err::<BrokerStream, _>(io::ErrorKind::Unsupported.into())
    }

    fn sleep(&self, duration: Duration) -> Self::Sleep {
        self.0.sleep(duration)
    }

    fn interval(&self, duration: Duration) -> impl Stream<Item = Instant> + Send + 'static {
        self.0.interval(duration)
    }

    fn tcp_connect_addr(
        &self,
        address: SocketAddr,
    ) -> impl Future<Output = io::Result<BrokerStream>> + Send + 'static {
        let connected = self.0.tcp_connect_addr(address);
        async move {
            connected
                .await
                .map(|stream| Box::new(stream) as BrokerStream)
        }
    }
}
