//! The answer to a data call, and what it says about the ERP.

use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::AUTHORIZATION;
use url::Url;

use crate::error::MegaError;
use crate::http::{Http, status_error};
use crate::limit::CallOutcome;
use crate::route::Route;
use crate::session::ActiveSession;
use domain::failure::FailureClass;
use parse::BodyParser;

/// What the ERP answered to a call.
pub(super) enum Answer<T> {
    /// A body, parsed.
    Body(T),
    /// 204.
    Empty,
    /// 401.
    Unauthorized,
}

/// The result of one HTTP exchange.
pub(super) type Answered<T> = Result<Answer<T>, MegaError>;

impl<T> Answer<T> {
    /// Sends one data call with a session, and reads the answer.
    pub(super) async fn request<P: BodyParser<Value = T>>(
        http: &Http,
        route: Route,
        url: &Url,
        session: &ActiveSession,
        parser: P,
    ) -> Answered<T> {
        let request = http.client.get(url.clone());
        let request = request.header(AUTHORIZATION, session.bearer());
        let response = http.send(route, request).await?;
        if response.status() == StatusCode::UNAUTHORIZED {
            return Ok(Self::Unauthorized);
        }
        session.set_accepted();
        if response.status() == StatusCode::NO_CONTENT {
            return Ok(Self::Empty);
        }
        if !response.status().is_success() {
            return Err(status_error(route, &response));
        }
        Ok(Self::Body(http.read_json(route, response, parser).await?))
    }

    /// The HTTP status.
    pub(super) const fn status(&self) -> u16 {
        match self {
            Self::Body(_) => 200,
            Self::Empty => 204,
            Self::Unauthorized => 401,
        }
    }
}

/// What an answer says about the load on the ERP. A Retry-After above `longest_pause` holds up the
/// job, and not the calls of the process.
pub(super) fn call_outcome<T>(answer: &Answered<T>, longest_pause: Duration) -> CallOutcome {
    match answer {
        Ok(Answer::Body(_)) => CallOutcome::Answered,
        Err(MegaError::Throttled { retry_after, .. }) => {
            CallOutcome::Throttled(retry_after.filter(|asked| *asked <= longest_pause))
        }
        Err(error) if is_erp_failure(error) => CallOutcome::Failed,
        Ok(Answer::Empty | Answer::Unauthorized) | Err(_) => CallOutcome::Neutral,
    }
}

/// Whether an error means that the ERP does not work, rather than that it refuses something.
pub(super) fn is_erp_failure(error: &MegaError) -> bool {
    let other = matches!(
        error,
        MegaError::SessionStore(_) | MegaError::Unauthorized { .. }
    );
    error.class() == FailureClass::Transient && !other
}
