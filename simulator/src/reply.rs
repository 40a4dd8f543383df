//! How answers look on the wire.

use std::io::Write;

use axum::body::Body;
use axum::http::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_TYPE, VARY};
use axum::http::{HeaderMap, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use flate2::Compression;
use flate2::write::GzEncoder;

pub(crate) const JSON: &str = "application/json; charset=utf-8";
pub(crate) const TEXT: &str = "text/plain; charset=utf-8";
pub(crate) const HTML: &str = "text/html; charset=utf-8";

/// Under one packet compression gains nothing.
const SMALLEST_COMPRESSED: usize = 1_400;

pub(crate) fn ok(content_type: &'static str, body: impl Into<Body>) -> Response {
    (
        [(CONTENT_TYPE, HeaderValue::from_static(content_type))],
        body.into(),
    )
        .into_response()
}

/// A list of records: 204 without a body when there are none.
pub(crate) fn list(body: Option<Vec<u8>>, gzip: bool) -> Response {
    let Some(body) = body else {
        return StatusCode::NO_CONTENT.into_response();
    };
    let mut response = if gzip && body.len() >= SMALLEST_COMPRESSED {
        let mut response = ok(JSON, compress(&body));
        response
            .headers_mut()
            .insert(CONTENT_ENCODING, HeaderValue::from_static("gzip"));
        response
    } else {
        ok(JSON, body)
    };
    response
        .headers_mut()
        .insert(VARY, HeaderValue::from_static("accept-encoding"));
    response
}

/// A refusal as the ERP gives it: 200, plain text, a byte order mark.
pub(crate) fn refusal(text: &str) -> Response {
    ok(TEXT, format!("\u{feff}{text}"))
}

pub(crate) fn error(status: StatusCode, message: &str) -> Response {
    (
        status,
        ok(JSON, serde_json::json!({ "message": message }).to_string()),
    )
        .into_response()
}

pub(crate) fn accepts_gzip(headers: &HeaderMap) -> bool {
    let offers = headers
        .get_all(ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok());
    offers.flat_map(|value| value.split(',')).any(|offer| {
        let (coding, quality) = offer.split_once(';').unwrap_or((offer, ""));
        let refused = quality
            .trim()
            .strip_prefix("q=")
            .is_some_and(|q| q.parse() == Ok(0.0));
        matches!(coding.trim(), "gzip" | "*") && !refused
    })
}

fn compress(body: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::with_capacity(body.len() / 8), Compression::fast());
    encoder
        .write_all(body)
        .expect("writing to a Vec cannot fail");
    encoder.finish().expect("writing to a Vec cannot fail")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gzip_is_used_only_where_it_is_offered() {
        let accepts = |value: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT_ENCODING, HeaderValue::from_static(value));
            accepts_gzip(&headers)
        };
        assert!(accepts("gzip") && accepts("deflate, gzip;q=0.5") && accepts("*"));
        assert!(!accepts("identity") && !accepts("gzip;q=0") && !accepts("br, gzip; q=0.0"));
        assert!(!accepts_gzip(&HeaderMap::new()));
    }
}
