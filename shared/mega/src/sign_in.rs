//! The two calls that give a session. Each is made once: repeating them locks the account.

use std::fmt;
use std::time::Instant;

use reqwest::{RequestBuilder, Response};
use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use url::Url;

use super::error::MegaError;
use super::http::{Content, Http, SetupError, content_of, status_error};
use super::live::bearer;
use super::route::{Route, url_of};
use super::settings::MegaConfig;
use crate::metrics;
use domain::session::Token;
use parse::{ReadError, SessionAnswer};

/// A session is some kilobytes; anything more is no session.
const LARGEST_SESSION_BYTES: usize = 64 * 1024;

/// Asks the ERP for sessions.
pub(super) struct SignIn {
    http: Http,
    sign_in: Url,
    refresh: Url,
    username: String,
    password: SecretString,
}

/// What came of asking.
pub(super) enum Outcome {
    /// A session.
    Token(Token),
    /// A refusal, in words of this program: the answer's own may echo the credentials.
    Refused(String),
    /// A session that cannot be used: asking again would only sign in once more.
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
    pub(super) fn new(http: Http, config: &MegaConfig) -> Result<Self, SetupError> {
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
            // Says Content-Length: 0, without which some servers refuse a POST.
            .body("");
        self.ask(Route::RefreshToken, request).await
    }

    async fn ask(&self, route: Route, request: RequestBuilder) -> Outcome {
        let began = Instant::now();
        let outcome = match self.http.send(route, request).await {
            Ok(response) => self.judge(route, response).await,
            Err(error) => Outcome::Failed(error),
        };
        metrics::sign_in(route, outcome.name(), began.elapsed());
        outcome
    }

    async fn judge(&self, route: Route, response: Response) -> Outcome {
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
            // How the ERP says that the credentials are wrong, with a status of success.
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
            Ok(body) => judge_body(route, &body),
            Err(error) => Outcome::Failed(error),
        }
    }
}

fn judge_body(route: Route, body: &[u8]) -> Outcome {
    match parse::session(body) {
        Ok(SessionAnswer::Token(token)) if bearer(&token).is_none() => {
            Outcome::Unusable("accessToken: not usable in a header".to_owned())
        }
        Ok(SessionAnswer::Token(token)) => Outcome::Token(token),
        Ok(SessionAnswer::NoToken) => {
            Outcome::Refused("it answered JSON without accessToken".to_owned())
        }
        Ok(SessionAnswer::NoExpiry(problem)) => Outcome::Unusable(problem),
        // A text that says it is JSON is taken for the refusal it most likely is: the mistake
        // costs a person's look, the other one the account.
        Err(ReadError::BrokenOff) if !parse::begins_an_object(body) => {
            Outcome::Refused("it answered with a text".to_owned())
        }
        Err(_) => Outcome::Failed(MegaError::Truncated { route }),
    }
}
