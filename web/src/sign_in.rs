//! Signing in and out, and who gets to a page.

use std::net::SocketAddr;
use std::sync::Arc;

use askama::Template;
use axum::extract::{ConnectInfo, Query, Request, State};
use axum::http::header::{ORIGIN, RETRY_AFTER, SET_COOKIE};
use axum::http::{HeaderMap, StatusCode};
use axum::middleware::Next;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use url::form_urlencoded::Serializer;

use crate::cookie;
use crate::door::{Door, Refused, SESSION};
use crate::error::forbidden;
use crate::sessions;
use crate::shell::{Shell, page};
use crate::visitor::Visitor;

/// Where one signs in.
pub const SIGN_IN: &str = "/login";
/// Where one signs out.
pub const SIGN_OUT: &str = "/logout";

/// Lets a visitor in whom the door knows, and leads others to the sign-in.
pub async fn admit(
    State(door): State<Option<Arc<Door>>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    mut request: Request,
    next: Next,
) -> Response {
    let visitor = match &door {
        Some(door) => door.visitor(request.headers(), from.ip()),
        None => Some(Visitor::ANYBODY),
    };
    let uri = request.uri();
    match visitor {
        Some(visitor) => _ = request.extensions_mut().insert(visitor),
        None if [SIGN_IN, SIGN_OUT].contains(&uri.path()) => {}
        None if request.method().is_safe() => {
            let asked = uri.path_and_query().map_or("/", |asked| asked.as_str());
            let query = Serializer::new(String::new())
                .append_pair("next", asked)
                .finish();
            return Redirect::to(&format!("{SIGN_IN}?{query}")).into_response();
        }
        None => return StatusCode::UNAUTHORIZED.into_response(),
    }
    next.run(request).await
}

/// Whatever the page, an operator alone changes anything.
pub async fn only_operators_act(
    Extension(shell): Extension<Shell>,
    request: Request,
    next: Next,
) -> Response {
    let operates = shell.visitor.as_ref().is_some_and(Visitor::operates);
    match request.method().is_safe() || operates {
        true => next.run(request).await,
        false => forbidden(shell),
    }
}

#[derive(Template)]
#[template(path = "login.html")]
struct SignInPage {
    shell: Shell,
    next: String,
    refused: Option<Refused>,
}

/// Where a visitor wanted to go.
#[derive(serde::Deserialize)]
pub struct Asked {
    #[serde(default)]
    next: String,
}

/// `GET /login`.
pub async fn form(Extension(shell): Extension<Shell>, Query(asked): Query<Asked>) -> Response {
    let form = SignInPage {
        shell,
        next: asked.next,
        refused: None,
    };
    page(StatusCode::OK, &form)
}

/// What the form sends.
#[derive(serde::Deserialize)]
pub struct Given {
    name: String,
    password: String,
    #[serde(default)]
    next: String,
}

/// `POST /login`: goes where the visitor wanted to go.
pub async fn sign_in(
    Extension(shell): Extension<Shell>,
    Extension(door): Extension<Arc<Door>>,
    ConnectInfo(from): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    Form(given): Form<Given>,
) -> Response {
    let Given {
        name,
        password,
        next,
    } = given;
    let refused = match door.sign_in(name, password, from.ip()).await {
        Ok(Ok(token)) => {
            // A browser says with each form whether its own side of the connection is encrypted.
            let origin = headers.get(ORIGIN).map(|origin| origin.as_bytes());
            let secure = origin.is_some_and(|origin| origin.starts_with(b"https://"));
            let seconds = sessions::LENGTH.as_secs();
            let cookie = cookie::set(SESSION, &token, seconds, secure);
            let to = if is_here(&next) { &next } else { "/" };
            return ([(SET_COOKIE, cookie)], Redirect::to(to)).into_response();
        }
        Ok(Err(refused)) => refused,
        Err(error) => {
            tracing::error!("nobody can sign in: {error:#}");
            return StatusCode::INTERNAL_SERVER_ERROR.into_response();
        }
    };
    let status = match refused {
        Refused::Wrong => StatusCode::UNAUTHORIZED,
        Refused::TooMany => StatusCode::TOO_MANY_REQUESTS,
    };
    tracing::warn!(from = %from.ip(), "a sign-in was refused: {refused}");
    let mut response = page(
        status,
        &SignInPage {
            shell,
            next,
            refused: Some(refused),
        },
    );
    if refused == Refused::TooMany {
        let seconds = sessions::WINDOW.as_secs().into();
        response.headers_mut().insert(RETRY_AFTER, seconds);
    }
    response
}

/// `POST /logout`.
pub async fn sign_out(Extension(door): Extension<Arc<Door>>, headers: HeaderMap) -> Response {
    door.sign_out(&headers);
    let forgotten = cookie::set(SESSION, "", 0, false);
    ([(SET_COOKIE, forgotten)], Redirect::to(SIGN_IN)).into_response()
}

/// Whether a path leads to this page and not, as `//host` does, to another one.
fn is_here(path: &str) -> bool {
    let rest = path.strip_prefix('/');
    let plain = |rest: &str| !rest.starts_with(['/', '\\']) && !rest.contains(char::is_control);
    rest.is_some_and(plain)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sign_in_leads_to_no_other_place() {
        for path in ["/", "/figures/1400?lang=en"] {
            assert!(is_here(path), "{path}");
        }
        for path in [
            "",
            "figures",
            "//page.example",
            "/\\page.example",
            "http://page.example",
            "/\t/page.example",
        ] {
            assert!(!is_here(path), "{path}");
        }
    }
}
