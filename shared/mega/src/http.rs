//! One HTTP exchange with the ERP, and the error of each way it can fail. No error holds a body, a
//! token or a URL.

use std::time::Duration;

use chrono::{DateTime, Utc};
use reqwest::header::{
    ACCEPT, ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderValue, RETRY_AFTER,
};
use reqwest::{Certificate, Client, RequestBuilder, Response, StatusCode};
use thiserror::Error;

use crate::body::{Body, BodyError};
use crate::error::MegaError;
use crate::route::{Route, largest_body};
use crate::settings::MegaConfig;
use parse::{BodyParser, ReadError};

/// Longest wait for a connection.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);
/// How long an idle connection is kept: less than the two minutes after which common servers
/// close it, so that a call seldom meets a connection that is closing.
const IDLE_CONNECTION: Duration = Duration::from_secs(60);
/// The one compression that is accepted.
const GZIP: &str = "gzip";
/// The longest Retry-After that is respected; after a longer one the job tries again a day later.
const LONGEST_RETRY_AFTER: Duration = Duration::from_secs(24 * 60 * 60);
/// Longest description of a content type or a network error.
const LONGEST_WORDS: usize = 80;

/// Why the client cannot start.
#[derive(Debug, Error)]
pub enum SetupError {
    /// The tenant id has characters that no header may have.
    #[error("MEGA_API_TENANT_ID is not usable in a header")]
    TenantId,
    /// A route does not make a URL with the base.
    #[error("MEGA_API_URL is not usable as the base of a URL")]
    Url(#[from] url::ParseError),
    /// No TLS, or no resolver.
    #[error("the HTTP client cannot start: {0}")]
    Http(String),
}

/// Sends requests and classifies the answers.
#[derive(Debug, Clone)]
pub(super) struct Http {
    pub(super) client: Client,
    timeout: Duration,
}

/// The content type of an answer.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    Json,
    /// Plain text, or no content type.
    Text,
    Other(String),
}

impl Http {
    pub(super) fn new(config: &MegaConfig) -> Result<Self, SetupError> {
        runtime::tls::install_provider();
        let mut headers = HeaderMap::new();
        headers.insert(ACCEPT, HeaderValue::from_static("application/json"));
        headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(GZIP));
        headers.insert(
            "tenantId",
            HeaderValue::from_str(&config.tenant_id).map_err(|_| SetupError::TenantId)?,
        );
        let authorities = match &config.authorities {
            Some(authorities) => Certificate::from_pem_bundle(authorities.pem().as_bytes())
                .map_err(|error| SetupError::Http(words_of(error)))?,
            None => Vec::new(),
        };
        // No redirects: a login page is no answer, and the token is for this host alone. No retries
        // by reqwest and no proxies: the callers decide what is called, and how often.
        let client = Client::builder()
            .user_agent(concat!("mega-sync/", env!("CARGO_PKG_VERSION")))
            .default_headers(headers)
            .tls_certs_merge(authorities)
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .no_proxy()
            .http1_only()
            .tcp_nodelay(true)
            .pool_max_idle_per_host(config.concurrency.max(1))
            .pool_idle_timeout(IDLE_CONNECTION)
            .connect_timeout(CONNECT_TIMEOUT.min(config.timeout))
            .timeout(config.timeout)
            .build()
            .map_err(|error| SetupError::Http(words_of(error)))?;
        Ok(Self {
            client,
            timeout: config.timeout,
        })
    }

    /// Sends, and waits for the head of the answer.
    pub(super) async fn send(
        &self,
        route: Route,
        request: RequestBuilder,
    ) -> Result<Response, MegaError> {
        request.send().await.map_err(|error| {
            if error.is_timeout() && !error.is_connect() {
                self.timed_out(route)
            } else {
                let why = words_of(error);
                MegaError::Connection { route, why }
            }
        })
    }

    /// Parses the JSON body of a successful data call as it arrives.
    pub(super) async fn read_json<P: BodyParser>(
        &self,
        route: Route,
        response: Response,
        parser: P,
    ) -> Result<P::Value, MegaError> {
        let content_type = match content_of(&response) {
            Content::Json => {
                let limit = largest_body(route);
                return self.read(route, response, limit, parser).await;
            }
            Content::Text => "plain text".to_owned(),
            Content::Other(kind) => kind,
        };
        Err(MegaError::NotJson {
            route,
            content_type,
        })
    }

    /// Parses the body as it arrives, decompressed; accepts at most `limit` bytes.
    pub(super) async fn read<P: BodyParser>(
        &self,
        route: Route,
        mut response: Response,
        limit: usize,
        parser: P,
    ) -> Result<P::Value, MegaError> {
        let misread = |error| misread(route, limit, error);
        // Absent for a chunked body; of a compressed one it is the lesser length.
        let announced = response.content_length().unwrap_or(0);
        if announced > limit as u64 {
            return Err(misread(BodyError::TooLarge));
        }
        let mut body = Body::new(parser, is_compressed(&response), limit);
        loop {
            match response.chunk().await {
                Ok(Some(piece)) => body.push(&piece).map_err(misread)?,
                Ok(None) => return body.finish().map_err(misread),
                Err(error) if error.is_timeout() => return Err(self.timed_out(route)),
                Err(_) => return Err(MegaError::Truncated { route }),
            }
        }
    }

    fn timed_out(&self, route: Route) -> MegaError {
        let after = self.timeout;
        MegaError::Timeout { route, after }
    }
}

fn is_compressed(response: &Response) -> bool {
    let coding = response.headers().get(CONTENT_ENCODING);
    coding.is_some_and(|coding| coding.as_bytes().eq_ignore_ascii_case(GZIP.as_bytes()))
}

/// The error of a body that cannot be parsed.
fn misread(route: Route, limit_bytes: usize, error: BodyError) -> MegaError {
    match error {
        BodyError::TooLarge => MegaError::TooLarge { route, limit_bytes },
        BodyError::Unreadable(ReadError::BrokenOff) => MegaError::Truncated { route },
        BodyError::Unreadable(ReadError::Shape(problem)) => MegaError::Shape {
            route,
            problem: problem.to_owned(),
        },
    }
}

/// The error of a status that is no success.
pub(super) fn status_error(route: Route, response: &Response) -> MegaError {
    let retry_after = retry_after(response.headers(), Utc::now());
    let code = response.status();
    let status = code.as_u16();
    match code {
        StatusCode::TOO_MANY_REQUESTS => MegaError::Throttled {
            route,
            status,
            retry_after,
        },
        StatusCode::SERVICE_UNAVAILABLE if retry_after.is_some() => MegaError::Throttled {
            route,
            status,
            retry_after,
        },
        StatusCode::REQUEST_TIMEOUT => MegaError::Unavailable { route, status },
        code if code.is_client_error() => MegaError::RefusedItem { route, status },
        // 5xx, and the redirects of a gateway that shows its maintenance or login page.
        _ => MegaError::Unavailable { route, status },
    }
}

/// The content type of an answer; the name of an unexpected one is cut short.
pub(super) fn content_of(response: &Response) -> Content {
    let Some(value) = response.headers().get(CONTENT_TYPE) else {
        return Content::Text;
    };
    let value = String::from_utf8_lossy(value.as_bytes()).to_ascii_lowercase();
    let essence = value.split(';').next().unwrap_or_default().trim();
    match essence {
        "application/json" | "text/json" => Content::Json,
        kind if kind.ends_with("+json") => Content::Json,
        "" | "text/plain" => Content::Text,
        kind => Content::Other(cut_short(kind)),
    }
}

/// Retry-After in seconds, or as the HTTP date that RFC 9110 asks for; never longer than
/// [`LONGEST_RETRY_AFTER`]. Any other text counts as absent.
fn retry_after(headers: &HeaderMap, now: DateTime<Utc>) -> Option<Duration> {
    let text = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    let asked = if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit()) {
        // A number that does not fit is a long wait too.
        text.parse().map_or(Duration::MAX, Duration::from_secs)
    } else {
        let at = DateTime::parse_from_rfc2822(text).ok()?.to_utc();
        (at - now).to_std().unwrap_or_default()
    };
    Some(asked.min(LONGEST_RETRY_AFTER))
}

/// The network's error, without the URL, which may hold a refresh token.
fn words_of(error: reqwest::Error) -> String {
    let error = error.without_url();
    let mut innermost: &dyn std::error::Error = &error;
    while let Some(source) = innermost.source() {
        innermost = source;
    }
    if error.is_connect() && error.is_timeout() {
        return "connecting took too long".to_owned();
    }
    cut_short(&innermost.to_string())
}

/// The beginning of a text from outside, without characters that disturb a terminal or a log.
fn cut_short(text: &str) -> String {
    text.chars()
        .filter(|letter| letter.is_ascii_graphic() || *letter == ' ')
        .take(LONGEST_WORDS)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(text: &str) -> Option<Duration> {
        let now = "2026-11-23T12:00:00Z".parse().unwrap();
        let value = HeaderValue::from_str(text).unwrap();
        retry_after(&HeaderMap::from_iter([(RETRY_AFTER, value)]), now)
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        for (text, seconds) in [
            ("0", Some(0)),
            (" 17 ", Some(17)),
            ("Mon, 23 Nov 2026 12:00:42 GMT", Some(42)),
            ("Mon, 23 Nov 2026 11:00:00 GMT", Some(0)),
            ("86400", Some(86_400)),
            ("86401", Some(86_400)),
            ("99999999999999", Some(86_400)),
            ("18446744073709551615", Some(86_400)),
            ("99999999999999999999999999", Some(86_400)),
            ("Fri, 31 Dec 9999 23:59:59 GMT", Some(86_400)),
            ("Fri, 31 Dec 99999 23:59:59 GMT", Some(86_400)),
            ("Fri, 31 Dec 9999999 23:59:59 GMT", None),
            ("Mon, 01 Jan 0001 00:00:00 GMT", Some(0)),
            ("soon", None),
            ("-1", None),
            ("+5", None),
            ("1.5", None),
            ("17 s", None),
            ("", None),
        ] {
            assert_eq!(asked(text), seconds.map(Duration::from_secs), "{text:?}");
        }
    }

    #[test]
    fn words_from_outside_are_short_and_plain() {
        assert_eq!(cut_short("text/html\u{1b}[2J\r\n"), "text/html[2J");
        assert_eq!(cut_short(&"x".repeat(1000)).len(), LONGEST_WORDS);
    }
}
