//! The two calls that return a session. Neither is repeated: repeated sign-ins lock the account.

use std::fmt;
use std::time::Instant;

use reqwest::{RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::Url;

use super::active::bearer;
use crate::error::MegaError;
use crate::http::{Content, Http, SetupError, content_of, status_error};
use crate::metrics;
use crate::route::{Route, url_of};
use crate::settings::MegaConfig;
use domain::session::Token;
use parse::{ReadError, SessionAnswer};

/// A session has a few kilobytes; a larger body is not one.
const LARGEST_SESSION_BYTES: usize = 64 * 1024;

/// Asks the ERP for sessions.
pub(crate) struct SignIn {
    http: Http,
    sign_in: Url,
    refresh: Url,
    username: String,
    password: SecretString,
}

/// The result of either call.
pub(super) enum Outcome {
    /// A session.
    Token(Token),
    /// A refusal, described by this program: the answer's own text may echo the credentials.
    Refused(String),
    /// A session that cannot be used. Another sign-in would return the same.
    Unusable(String),
    /// No answer, or one that says nothing about the credentials.
    Failed(MegaError),
}

impl Outcome {
    /// Its name in metrics.
    const fn name(&self) -> &'static str {
        match self {
            Self::Token(_) => "session",
            Self::Refused(_) => "refused",
            Self::Unusable(_) => "unusable",
            Self::Failed(_) => "failed",
        }
    }
}

impl fmt::Debug for SignIn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SignIn")
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Credentials<'a> {
    user_name: &'a str,
    password: &'a str,
}

impl SignIn {
    pub(crate) fn new(http: Http, config: &MegaConfig) -> Result<Self, SetupError> {
        Ok(Self {
            http,
            sign_in: url_of(&config.url, "api/Auth/SignIn")?,
            refresh: url_of(&config.url, "api/Auth/RefreshToken")?,
            username: config.username.clone(),
            password: config.password.clone(),
        })
    }

    /// Signs in with user and password.
    pub(super) async fn sign_in(&self) -> Outcome {
        let request = self
            .http
            .client
            .post(self.sign_in.clone())
            .header("grantType", "Api")
            .json(&Credentials {
                user_name: &self.username,
                password: self.password.expose_secret(),
            });
        self.ask(Route::SignIn, request).await
    }

    /// Renews a session with its refresh token.
    pub(super) async fn refresh(&self, refresh: &SecretString) -> Outcome {
        let request = self
            .http
            .client
            .post(self.refresh.clone())
            .query(&[("refreshToken", refresh.expose_secret())])
            // Sends Content-Length: 0; some servers refuse a POST without it.
            .body("");
        self.ask(Route::RefreshToken, request).await
    }

    async fn ask(&self, route: Route, request: RequestBuilder) -> Outcome {
        let began = Instant::now();
        let outcome = match self.http.send(route, request).await {
            Ok(response) => self.classify(route, response).await,
            Err(error) => Outcome::Failed(error),
        };
        metrics::sign_in(route, outcome.name(), began.elapsed());
        outcome
    }

    async fn classify(&self, route: Route, response: Response) -> Outcome {
        let status = response.status();
        if !status.is_success() {
            return match status_error(route, &response) {
                MegaError::RefusedItem { status, .. } => {
                    Outcome::Refused(format!("it answered {status}"))
                }
                error => Outcome::Failed(error),
            };
        }
        match content_of(&response) {
            Content::Json => {}
            // The ERP answers wrong credentials with a status of success and a text.
            Content::Text => return Outcome::Refused("it answered with a text".to_owned()),
            Content::Other(content_type) => {
                return Outcome::Failed(MegaError::NotJson {
                    route,
                    content_type,
                });
            }
        }
        let whole = Vec::new();
        let body = self
            .http
            .read(route, response, LARGEST_SESSION_BYTES, whole);
        match body.await {
            Ok(body) => classify_body(route, &body),
            Err(error) => Outcome::Failed(error),
        }
    }
}

fn classify_body(route: Route, body: &[u8]) -> Outcome {
    match parse::session(body) {
        Ok(SessionAnswer::Token(token)) if bearer(&token).is_none() => {
            Outcome::Unusable("accessToken: not usable in a header".to_owned())
        }
        Ok(SessionAnswer::Token(token)) => Outcome::Token(token),
        Ok(SessionAnswer::NoToken) => {
            Outcome::Refused("it answered JSON without accessToken".to_owned())
        }
        Ok(SessionAnswer::NoExpiry(problem)) => Outcome::Unusable(problem),
        // A text that is declared as JSON is most likely a refusal. Taking a broken answer for a
        // refusal costs a person's time; taking a refusal for a broken answer locks the account.
        Err(ReadError::BrokenOff) if !parse::begins_an_object(body) => {
            Outcome::Refused("it answered with a text".to_owned())
        }
        Err(_) => Outcome::Failed(MegaError::Truncated { route }),
    }
}
