//! What kind of JSON a body is, judged by its first bytes.

/// Some of the ERP's answers begin with this mark.
pub(super) const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Whether a body starts as an object does.
pub fn begins_an_object(body: &[u8]) -> bool {
    without_bom(body).trim_ascii_start().first() == Some(&b'{')
}

pub(super) fn without_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)
}

/// Names the kind of a JSON value, for a [`ReadError::Shape`](super::ReadError::Shape).
pub(super) fn kind_of(body: &[u8]) -> &'static str {
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => "it is an object",
        Some(b'[') => "it is an array",
        Some(b'"') => "it is a text",
        Some(b'n') => "it is null",
        _ => "it is a number or a boolean",
    }
}
