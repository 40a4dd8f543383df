//! A call of an HTTP server.

use std::fmt::Write as _;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use reqwest::Client;
use reqwest::header::CONTENT_TYPE;
use runtime::environment::Source;
use runtime::tls::{self, Authorities};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::Sha256;
use url::Url;

use super::error::{ChannelError, SendError};
use super::message::Message;
use crate::http;

/// Carries the signature of the body.
const SIGNATURE: &str = "X-Mega-Sync-Signature";
/// The longest time of the one call.
const TIMEOUT: Duration = Duration::from_secs(10);

/// Where notifications are posted, and with which key they are signed. Both are secrets.
pub(crate) struct WebhookConfig {
    url: Url,
    key: Option<SecretString>,
}

impl WebhookConfig {
    /// `MEGA_SYNC_NOTIFY_WEBHOOK_URL` and `MEGA_SYNC_NOTIFY_WEBHOOK_KEY`. The outer `None` when one is wrong.
    pub fn read(source: &mut Source<'_>) -> Option<Option<Self>> {
        const URL: &str = "MEGA_SYNC_NOTIFY_WEBHOOK_URL";
        let url = source.secret(URL).ok();
        let key = source.secret("MEGA_SYNC_NOTIFY_WEBHOOK_KEY").ok();
        let (url, key) = (url?, key?);
        let Some(url) = url else {
            return Some(None);
        };
        let url = Url::parse(url.expose_secret()).ok();
        let url = url.filter(|url| matches!(url.scheme(), "http" | "https"));
        if url.is_none() {
            source.problem(format!("{URL} is no http:// or https:// URL"));
        }
        Some(Some(Self { url: url?, key }))
    }
}

/// Posts to a webhook.
pub(crate) struct Webhook {
    client: Client,
    url: Url,
    key: Option<SecretString>,
}

impl Webhook {
    pub fn new(
        config: WebhookConfig,
        authorities: Option<&Authorities>,
    ) -> Result<Self, ChannelError> {
        let unusable = |error: reqwest::Error| ChannelError(http::words(error));
        tls::install_provider();
        let authorities = http::certificates(authorities).map_err(unusable)?;
        // No redirects: the body is for this address alone. No retries by reqwest: the outbox retries.
        let client = Client::builder()
            .user_agent(concat!("mega-sync/", env!("CARGO_PKG_VERSION")))
            .tls_certs_merge(authorities)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .timeout(TIMEOUT)
            .build()
            .map_err(unusable)?;
        let WebhookConfig { url, key } = config;
        Ok(Self { client, url, key })
    }

    /// Posts a message; any answer but a success is a failure.
    pub async fn send(&self, message: &Message) -> Result<(), SendError> {
        let body = serde_json::to_vec(message).expect("plain data has a JSON form");
        let mut request = self.client.post(self.url.clone());
        if let Some(key) = &self.key {
            let signature = signature(key.expose_secret().as_bytes(), &body);
            request = request.header(SIGNATURE, signature);
        }
        let request = request.header(CONTENT_TYPE, "application/json").body(body);
        let answer = request.send().await;
        let answer = answer.map_err(|error| SendError::new(&http::words(error)))?;
        match answer.status() {
            status if status.is_success() => Ok(()),
            status if status.is_redirection() => Err(SendError::new(&format!(
                "answered {status}; redirects are not followed"
            ))),
            status => Err(SendError::new(&format!("answered {status}"))),
        }
    }
}

/// HMAC-SHA256 of a body, as the header has it.
fn signature(key: &[u8], body: &[u8]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).expect("a key of any length will do");
    mac.update(body);
    let mut text = "sha256=".to_owned();
    for byte in mac.finalize().into_bytes() {
        _ = write!(text, "{byte:02x}");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_signed_as_rfc_4231_does() {
        assert_eq!(
            signature(b"Jefe", b"what do ya want for nothing?"),
            "sha256=5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }
}
