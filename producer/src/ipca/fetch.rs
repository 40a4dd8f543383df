//! Asking for the central bank's series.

use std::time::Duration;

use reqwest::Client;
use runtime::environment::Source;
use runtime::tls::{self, Authorities};
use url::Url;

use super::IpcaError;
use crate::http;

/// Series 433 of the central bank's SGS.
const DEFAULT_URL: &str = "https://api.bcb.gov.br/dados/serie/bcdata.sgs.433/dados?formato=json";
/// The longest time of the one call.
const TIMEOUT: Duration = Duration::from_secs(30);
/// The largest answer that is read: the whole series has 30 KB.
const LARGEST_BYTES: usize = 4 * 1024 * 1024;

/// Where the series is, and whom to trust there.
pub(crate) struct IpcaSource {
    url: Url,
    authorities: Option<Authorities>,
}

impl IpcaSource {
    /// `MEGA_SYNC_IPCA_URL`, and `MEGA_SYNC_CA_FILE`.
    pub(crate) fn read(source: &mut Source<'_>) -> Option<Self> {
        let what = "an http:// or https:// URL";
        let default = Url::parse(DEFAULT_URL).expect("the default is a URL");
        let url: Url = source.parsed("MEGA_SYNC_IPCA_URL", what, default)?;
        if !matches!(url.scheme(), "http" | "https") {
            source.problem(format!("MEGA_SYNC_IPCA_URL is no {what}"));
            return None;
        }
        let authorities = source.authorities().ok()?;
        Some(Self { url, authorities })
    }

    /// Its URL without what may be secret in one.
    pub(crate) fn name(&self) -> String {
        let mut url = self.url.clone();
        url.set_query(None);
        _ = url.set_password(None);
        _ = url.set_username("");
        url.into()
    }
}

/// The answer of the series.
///
/// # Errors
/// When there is none, or it is no success.
pub(crate) async fn fetch(source: &IpcaSource) -> Result<String, IpcaError> {
    let away = |error: reqwest::Error| IpcaError::Away(http::words(error));
    tls::install_provider();
    let authorities = http::certificates(source.authorities.as_ref()).map_err(away)?;
    let client = Client::builder()
        .user_agent(concat!("mega-sync/", env!("CARGO_PKG_VERSION")))
        .tls_certs_merge(authorities)
        .timeout(TIMEOUT)
        .build()
        .map_err(away)?;
    let answer = client.get(source.url.clone()).send().await;
    let mut answer = answer
        .and_then(reqwest::Response::error_for_status)
        .map_err(away)?;
    let mut body = Vec::new();
    while let Some(piece) = answer.chunk().await.map_err(away)? {
        body.extend_from_slice(&piece);
        if body.len() > LARGEST_BYTES {
            return Err(IpcaError::Away(format!(
                "the answer exceeds {LARGEST_BYTES} bytes"
            )));
        }
    }
    String::from_utf8(body).map_err(|_| IpcaError::Away("the answer is no text".to_owned()))
}
