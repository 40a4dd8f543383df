//! The errors of a call to the ERP.

use std::time::Duration;

use thiserror::Error;

use domain::failure::FailureClass;
use domain::store_error::StoreError;

use super::route::Route;

/// Why a call failed. Never holds a body, a token or personal data.
#[derive(Debug, Clone, Error)]
pub enum MegaError {
    /// No whole answer in time.
    #[error("{route} did not answer within {} s", after.as_secs_f32())]
    Timeout {
        /// The call.
        route: Route,
        /// The limit.
        after: Duration,
    },
    /// No connection, or it broke.
    #[error("{route}: no connection to the ERP: {why}")]
    Connection {
        /// The call.
        route: Route,
        /// What the network said.
        why: String,
    },
    /// 429, or 503 with Retry-After.
    #[error("{route} answered {status}: the ERP asks for fewer calls")]
    Throttled {
        /// The call.
        route: Route,
        /// The status.
        status: u16,
        /// How long it asked to wait.
        retry_after: Option<Duration>,
    },
    /// A status of the ERP's own trouble: 408 and 5xx.
    #[error("{route} answered {status}")]
    Unavailable {
        /// The call.
        route: Route,
        /// The status.
        status: u16,
    },
    /// A status that asking again does not change: the other 4xx.
    #[error("{route} answered {status}: the ERP refuses this item")]
    RefusedItem {
        /// The call.
        route: Route,
        /// The status.
        status: u16,
    },
    /// 401 again, right after the session was renewed.
    #[error("{route} answered 401 with a fresh session")]
    Unauthorized {
        /// The call.
        route: Route,
    },
    /// The connection ended before the body did, or the body is no whole JSON.
    #[error("{route}: the answer broke off")]
    Truncated {
        /// The call.
        route: Route,
    },
    /// Another content type, such as a proxy's HTML page.
    #[error("{route} answered {content_type} instead of JSON")]
    NotJson {
        /// The call.
        route: Route,
        /// What it said it was, cut short.
        content_type: String,
    },
    /// JSON of another shape, twice.
    #[error("{route}: the answer has another shape: {problem}")]
    Shape {
        /// The call.
        route: Route,
        /// Where it differs, without the content.
        problem: String,
    },
    /// A body larger than any true answer.
    #[error("{route}: the answer is larger than {limit_bytes} bytes")]
    TooLarge {
        /// The call.
        route: Route,
        /// The limit.
        limit_bytes: usize,
    },
    /// Most calls fail, or none is answered: the cause is the ERP, not the item asked for.
    #[error("the ERP is away: most calls to it fail; work waits until it answers again")]
    Away,
    /// The ERP refused the sign-in, now or earlier: no process signs in until a person allows it.
    #[error("the ERP refused the sign-in: {why}; check MEGA_API_* and then lift the stop")]
    SignInRefused {
        /// What the refusal looked like; never its text, which may echo the credentials.
        why: String,
    },
    /// The session store failed.
    #[error("the shared session: {0}")]
    SessionStore(#[from] StoreError),
}

impl MegaError {
    /// The class of a job's failure for this reason.
    pub const fn class(&self) -> FailureClass {
        match self {
            Self::Timeout { .. }
            | Self::Connection { .. }
            | Self::Unavailable { .. }
            | Self::Unauthorized { .. }
            | Self::Truncated { .. }
            | Self::NotJson { .. } => FailureClass::Transient,
            Self::Throttled { .. } => FailureClass::Throttled,
            Self::RefusedItem { .. } | Self::Shape { .. } | Self::TooLarge { .. } => {
                FailureClass::Data
            }
            Self::Away => FailureClass::ErpAway,
            Self::SignInRefused { .. } => FailureClass::SignIn,
            Self::SessionStore(error) => error.class(),
        }
    }

    /// A text that is equal for errors of the same cause.
    pub fn fingerprint(&self) -> String {
        match self {
            Self::Timeout { route, .. } => format!("timeout-{route}"),
            Self::Connection { .. } => "no-connection".to_owned(),
            Self::Throttled { status, .. } => format!("{status}"),
            Self::Unavailable { route, status } | Self::RefusedItem { route, status } => {
                format!("{status}-{route}")
            }
            Self::Unauthorized { route } => format!("401-{route}"),
            Self::Truncated { route } => format!("truncated-{route}"),
            Self::NotJson { route, .. } => format!("not-json-{route}"),
            Self::Shape { route, .. } => format!("shape-{route}"),
            Self::TooLarge { route, .. } => format!("too-large-{route}"),
            Self::Away => "most-calls-fail".to_owned(),
            Self::SignInRefused { .. } => "refused".to_owned(),
            Self::SessionStore(error) => error.fingerprint().to_owned(),
        }
    }

    /// How long the ERP asked to wait, if it did.
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Throttled { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
