//! Parses a body that is one object.

use serde::de::DeserializeSeed as _;
use serde_json::Deserializer;

use super::error::ReadError;
use super::fields::{Element, Fields};
use super::shape::{kind_of, without_bom};

/// The named fields of a body that is one object.
pub(super) fn one_object<'a, const N: usize>(
    body: &'a [u8],
    names: &'static [&'static str; N],
) -> Result<Fields<'a, N>, ReadError> {
    let body = without_bom(body);
    let mut json = Deserializer::from_slice(body);
    let fields = Element { names }
        .deserialize(&mut json)
        .and_then(|fields| json.end().map(|()| fields));
    match fields {
        Ok(Some(fields)) => Ok(fields),
        Ok(None) => Err(ReadError::Shape(kind_of(body))),
        Err(_) => Err(ReadError::BrokenOff),
    }
}
