//! What recorded JSON holds.

use std::io;

use serde_json::Value;

pub(crate) fn invalid_data(error: serde_json::Error) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, error)
}

/// An identifier that may be written `320`, `320.0` or `"320"`.
pub(crate) fn identifier(value: Option<&Value>) -> Option<i64> {
    match value? {
        Value::Number(number) => number
            .as_i64()
            .or_else(|| number.as_f64().map(|n| n as i64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}
