//! Reaching the broker, and telling what went wrong.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use lapin::protocol::{AMQPErrorKind, AMQPHardError, AMQPSoftError};
use lapin::uri::AMQPUri;
use lapin::{AsyncTcpStream, Connection, ConnectionProperties, ErrorKind};
use secrecy::ExposeSecret;
use url::{Host, Url};

use super::transport::{self, BrokerStream, Transport};
use crate::{BrokerConfig, QueueError, Topology};
use runtime::tls::install_provider;

/// How long connecting may take: TCP, TLS and the handshake together.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How long the broker may take to answer anything else.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);
/// Seconds between signs of life, unless the URL says otherwise; a peer silent for two of them is
/// gone.
const HEARTBEAT_SECONDS: u16 = 20;
/// What fits beside the longest suffix of a queue's name into AMQP's 255 bytes.
const LONGEST_PREFIX_BYTES: usize = 200;

/// Where the broker is, and the queues on it. Holds the password, so it is not for printing.
#[derive(Clone)]
pub(super) struct Broker {
    uri: AMQPUri,
    transport: Transport,
    pub(super) topology: Arc<Topology>,
}

impl Broker {
    pub(super) fn new(config: &BrokerConfig) -> Result<Self, QueueError> {
        install_provider();
        let topology = Arc::new(config.topology.clone());
        if !(1..=LONGEST_PREFIX_BYTES).contains(&topology.prefix.len()) {
            return Err(QueueError::Refused(format!(
                "the queue's name must have 1 to {LONGEST_PREFIX_BYTES} bytes"
            )));
        }
        let mut uri = parse(config.url.expose_secret()).ok_or_else(|| {
            // The parser's own message may quote the URL with its password.
            QueueError::Refused("AMQP_URL is not a URL that AMQP knows".to_owned())
        })?;
        uri.query.heartbeat.get_or_insert(HEARTBEAT_SECONDS);
        let transport = Transport::new(&uri, config.authorities.as_ref());
        Ok(Self {
            uri,
            transport,
            topology,
        })
    }

    /// A new connection.
    pub(super) async fn connect(&self) -> Result<Connection, QueueError> {
        let properties = ConnectionProperties::default().with_connection_name("mega-sync".into());
        let transport = self.transport.clone();
        let connect = async move |uri, _| Ok(transport.connect(&uri).await?);
        let runtime = transport::runtime();
        let connected = Connection::connector(self.uri.clone(), runtime, connect, properties);
        self.reached(connected).await
    }

    /// Waits for a first answer, as long as connecting may take; the error names the address.
    pub(super) async fn reached<T>(
        &self,
        asked: impl Future<Output = lapin::Result<T>>,
    ) -> Result<T, QueueError> {
        let authority = &self.uri.authority;
        let address = format!("{}:{}", authority.host, authority.port);
        bounded(CONNECT_TIMEOUT, &address, asked).await
    }

    /// A new stream, before anything of AMQP is exchanged.
    pub(super) async fn stream(&self) -> lapin::Result<AsyncTcpStream<BrokerStream>> {
        Ok(self.transport.connect(&self.uri).await?)
    }
}

fn parse(text: &str) -> Option<AMQPUri> {
    let mut uri: AMQPUri = text.parse().ok()?;
    // An address of IPv6 is no domain to lapin's parser, which would quietly take localhost.
    if let Some(Host::Ipv6(address)) = Url::parse(text).ok()?.host() {
        uri.authority.host = address.to_string();
    }
    Some(uri)
}

/// Waits for the broker's answer, but not for ever; `what` is what the error will name.
pub(super) async fn answer<T>(
    what: &str,
    asked: impl Future<Output = lapin::Result<T>>,
) -> Result<T, QueueError> {
    bounded(ANSWER_TIMEOUT, what, asked).await
}

async fn bounded<T>(
    timeout: Duration,
    what: &str,
    asked: impl Future<Output = lapin::Result<T>>,
) -> Result<T, QueueError> {
    match tokio::time::timeout(timeout, asked).await {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(error)) => Err(told(what, &error)),
        Err(_) => Err(QueueError::Away(format!(
            "{what}: no answer within {} s",
            timeout.as_secs()
        ))),
    }
}

/// How the broker refused a channel, if that is what went wrong.
pub(super) fn soft_error(error: &lapin::Error) -> Option<AMQPSoftError> {
    match error.kind() {
        ErrorKind::ProtocolError(error) => match error.kind() {
            AMQPErrorKind::Soft(soft) => Some(soft.clone()),
            AMQPErrorKind::Hard(_) => None,
        },
        _ => None,
    }
}

pub(super) fn told(what: &str, error: &lapin::Error) -> QueueError {
    let ErrorKind::ProtocolError(error) = error.kind() else {
        return QueueError::Away(format!("{what}: {error}"));
    };
    let hint = match error.kind() {
        AMQPErrorKind::Soft(AMQPSoftError::PRECONDITIONFAILED) => {
            "a queue's arguments cannot change: delete it once it is empty, or use another name"
        }
        AMQPErrorKind::Soft(AMQPSoftError::ACCESSREFUSED) => {
            "the user of AMQP_URL has the wrong password or lacks the permission"
        }
        AMQPErrorKind::Soft(AMQPSoftError::NOTFOUND) => "it was deleted, or never declared",
        AMQPErrorKind::Hard(AMQPHardError::NOTALLOWED) => "is the vhost of AMQP_URL right?",
        AMQPErrorKind::Soft(_) => "",
        AMQPErrorKind::Hard(_) => {
            return QueueError::Away(format!("{what}: {}", error.get_message()));
        }
    };
    let separator = if hint.is_empty() { "" } else { "; " };
    QueueError::Refused(format!("{what}: {}{separator}{hint}", error.get_message()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broker(url: &str) -> Result<Broker, QueueError> {
        Broker::new(&BrokerConfig {
            url: url.into(),
            topology: Topology::default(),
            authorities: None,
        })
    }

    #[test]
    fn a_url_that_is_none_is_not_quoted() {
        for url in ["amqp:hunter2", "amqp://u:hunter2@host:port", "hunter2"] {
            let error = broker(url).err().expect(url).to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
    }

    #[test]
    fn the_host_is_the_one_of_the_url() {
        let host = |url| broker(url).ok().unwrap().uri.authority.host;
        assert_eq!(host("amqp://10.0.0.7/v"), "10.0.0.7");
        assert_eq!(host("amqp://u:p@[fd00::7]:5672/v"), "fd00::7");
    }
}
