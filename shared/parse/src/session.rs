//! The answer to a sign-in.

use chrono::{DateTime, Utc};

use super::error::ReadError;
use super::fields::Fields;
use super::object::one_object;
use super::problem::Problem;
use domain::session::Token;

const NAMES: [&str; 4] = [
    "accessToken",
    "expirationToken",
    "refreshToken",
    "expirationRefreshToken",
];
const ACCESS_TOKEN: usize = 0;
const EXPIRATION_TOKEN: usize = 1;
const REFRESH_TOKEN: usize = 2;
const EXPIRATION_REFRESH_TOKEN: usize = 3;

/// What a JSON answer to a sign-in says.
pub enum SessionAnswer {
    /// A session.
    Token(Token),
    /// JSON that holds no access token: a refusal.
    NoToken,
    /// A session whose end cannot be read.
    NoExpiry(String),
}

/// Reads the answer to a sign-in.
pub fn session(body: &[u8]) -> Result<SessionAnswer, ReadError> {
    let fields = match one_object(body, &NAMES) {
        Ok(fields) => fields,
        Err(ReadError::Shape(_)) => return Ok(SessionAnswer::NoToken),
        Err(error) => return Err(error),
    };
    let access = fields.get(ACCESS_TOKEN).and_then(|field| field.text());
    let Some(access) = access.ok().filter(|access| !access.is_empty()) else {
        return Ok(SessionAnswer::NoToken);
    };
    let expires_at = match instant(&fields, EXPIRATION_TOKEN) {
        Ok(expires_at) => expires_at,
        Err(problem) => return Ok(SessionAnswer::NoExpiry(problem.to_string())),
    };
    let refresh = fields.get(REFRESH_TOKEN).and_then(|field| field.text());
    Ok(SessionAnswer::Token(Token {
        access: access.into_owned().into(),
        expires_at,
        refresh: refresh
            .ok()
            .filter(|refresh| !refresh.is_empty())
            .map(|refresh| refresh.into_owned().into()),
        refresh_expires_at: instant(&fields, EXPIRATION_REFRESH_TOKEN).ok(),
    }))
}

/// `2025-10-31T17:36:34.6945524-03:00`
fn instant(fields: &Fields<'_, 4>, index: usize) -> Result<DateTime<Utc>, Problem> {
    let text = fields.get(index)?.text()?;
    DateTime::parse_from_rfc3339(&text)
        .map(|instant| instant.to_utc())
        .map_err(|_| Problem::new(NAMES[index], "not an instant with an offset"))
}
