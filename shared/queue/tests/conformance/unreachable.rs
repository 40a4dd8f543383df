//! A broker that cannot be connected to.

use queue::QueueError;
use queue::amqp::AmqpQueue;
use tokio::time::timeout;
use url::Url;

use crate::amqp::{broker_url, config};
use crate::fixture::topology;
use crate::steps::SOON;

/// The error of connecting, which must come.
async fn connect_error(url: &Url) -> QueueError {
    timeout(SOON, AmqpQueue::connect(&config(url, &topology())))
        .await
        .expect("connecting should fail in time")
        .err()
        .expect("connecting should fail")
}

#[tokio::test]
async fn an_unreachable_broker_is_away() {
    // A port that was free a moment ago.
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    drop(listener);
    for scheme in ["amqp", "amqps"] {
        let url = format!("{scheme}://user:hunter2@127.0.0.1:{port}/%2f");
        let error = connect_error(&url.parse().unwrap()).await;
        assert!(matches!(error, QueueError::Away(_)), "{error}");
        assert!(!error.to_string().contains("hunter2"), "{error}");
        assert!(error.to_string().contains(&port.to_string()), "{error}");
    }
}

#[tokio::test]
async fn a_broker_that_speaks_no_tls_is_away() {
    let mut url = broker_url();
    let port = url.port().unwrap_or(5672);
    url = url
        .as_str()
        .replacen("amqp://", "amqps://", 1)
        .parse()
        .unwrap();
    url.set_port(Some(port)).unwrap();
    let error = connect_error(&url).await;
    assert!(matches!(error, QueueError::Away(_)), "{error}");
}

#[tokio::test]
async fn a_wrong_password_is_refused_and_not_quoted() {
    let mut url = broker_url();
    url.set_password(Some("hunter2")).unwrap();
    let error = connect_error(&url).await;
    assert!(matches!(error, QueueError::Refused(_)), "{error}");
    assert!(!error.to_string().contains("hunter2"), "{error}");
}
