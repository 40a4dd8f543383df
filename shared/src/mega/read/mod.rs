//! Reads the ERP's bodies as received: one pass, borrowed fields, a call per record.
//!
//! Only the fields used are looked at; the rest, personal data among it, is skipped as bytes. The
//! case of keys does not matter, since it differs between the ERP's routes.

mod catalogue;
mod contrato;
mod fatura;
mod fields;
mod layout;
mod parcela;
mod session;
mod value;

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer as _, SeqAccess, Visitor};
use serde_json::error::Category;
use serde_json::value::RawValue;
use serde_json::{Deserializer, StreamDeserializer};

pub(super) use catalogue::catalogue;
pub(super) use contrato::contratos;
pub(super) use fatura::faturas;
pub(super) use parcela::parcelas;
pub(super) use session::{SessionAnswer, session};

use self::fields::{Element, Fields, Problem};
use self::layout::{Layout, blanks_skipped};
use super::records::{Record, Rejection};

/// Why a body could not be read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ReadError {
    /// No whole JSON.
    BrokenOff,
    /// JSON, but of another shape.
    Shape(&'static str),
}

/// Calls `each` with every element of an array: the named fields of an object, or `None` for
/// anything else.
fn each_object<'a, const N: usize>(
    body: &'a [u8],
    names: &'static [&'static str; N],
    each: impl FnMut(Option<Fields<'a, N>>),
) -> Result<(), ReadError> {
    let body = without_bom(body);
    if let Some((records, layout)) = written_alike(body, names) {
        return each_alike(records, names, &layout, each);
    }
    each_of_any(body, names, each)
}

/// The records of an array, when its first one has a layout that others can be read by.
fn written_alike<'a, const N: usize>(
    body: &'a [u8],
    names: &'static [&'static str; N],
) -> Option<(&'a str, Layout<'a>)> {
    let records = blanks_skipped(str::from_utf8(body).ok()?).strip_prefix('[')?;
    let (first, _) = next_value(records).ok()?;
    Some((records, Layout::of(first, names)?))
}

/// [`each_object`] of the text after an array's bracket. What the layout does not fit is parsed.
fn each_alike<'a, const N: usize>(
    records: &'a str,
    names: &'static [&'static str; N],
    layout: &Layout<'a>,
    mut each: impl FnMut(Option<Fields<'a, N>>),
) -> Result<(), ReadError> {
    let mut rest = blanks_skipped(records);
    loop {
        if let Some((raw, after)) = layout.read(rest) {
            each(Some(Fields::new(names, raw)));
            rest = after;
        } else {
            let (record, after) = next_value(rest)?;
            let fields = Element { names }.deserialize(&mut Deserializer::from_str(record));
            each(fields.map_err(|_| ReadError::BrokenOff)?);
            rest = after;
        }
        rest = blanks_skipped(rest);
        match rest.strip_prefix(',') {
            Some(next) => rest = blanks_skipped(next),
            None => break,
        }
    }
    match rest.strip_prefix(']').map(blanks_skipped) {
        Some("") => Ok(()),
        _ => Err(ReadError::BrokenOff),
    }
}

/// The JSON value that a text begins with, and what follows it.
fn next_value(text: &str) -> Result<(&str, &str), ReadError> {
    let mut values: StreamDeserializer<'_, _, &RawValue> = Deserializer::from_str(text).into_iter();
    match values.next() {
        Some(Ok(value)) => Ok((value.get(), &text[values.byte_offset()..])),
        _ => Err(ReadError::BrokenOff),
    }
}

/// [`each_object`] of any JSON.
fn each_of_any<'a, const N: usize>(
    body: &'a [u8],
    names: &'static [&'static str; N],
    each: impl FnMut(Option<Fields<'a, N>>),
) -> Result<(), ReadError> {
    let mut json = Deserializer::from_slice(body);
    json.deserialize_seq(Elements { names, each })
        .and_then(|()| json.end())
        .map_err(|error| match error.classify() {
            Category::Data => ReadError::Shape(kind_of(body)),
            _ => ReadError::BrokenOff,
        })
}

/// The named fields of a body that is one object.
fn one_object<'a, const N: usize>(
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

/// Whether a body starts as an object does.
pub(super) fn begins_an_object(body: &[u8]) -> bool {
    without_bom(body).trim_ascii_start().first() == Some(&b'{')
}

/// Some of the ERP's answers begin with a byte order mark.
fn without_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix(b"\xef\xbb\xbf").unwrap_or(body)
}

/// What JSON that is not as expected is instead.
fn kind_of(body: &[u8]) -> &'static str {
    match body.iter().find(|byte| !byte.is_ascii_whitespace()) {
        Some(b'{') => "it is an object",
        Some(b'[') => "it is an array",
        Some(b'"') => "it is a text",
        Some(b'n') => "it is null",
        _ => "it is a number or a boolean",
    }
}

/// One record, read by `read`, or rejected under its own code and amount.
fn record<'a, T, const N: usize>(
    fields: Option<Fields<'a, N>>,
    code: usize,
    amount: usize,
    read: impl FnOnce(&Fields<'a, N>) -> Result<T, Problem>,
) -> Record<T> {
    let Some(fields) = fields else {
        return Record::Rejected(not_an_object());
    };
    match read(&fields) {
        Ok(value) => Record::Read(value),
        Err(problem) => Record::Rejected(Rejection {
            code: fields.get(code).and_then(|field| field.code()).ok(),
            reason: problem.to_string(),
            amount: fields.get(amount).and_then(|field| field.amount()).ok(),
        }),
    }
}

fn not_an_object() -> Rejection {
    Rejection {
        code: None,
        reason: Problem::new("record", "not an object").to_string(),
        amount: None,
    }
}

/// The elements of an array, handed over one by one.
struct Elements<const N: usize, F> {
    names: &'static [&'static str; N],
    each: F,
}

impl<'a, const N: usize, F: FnMut(Option<Fields<'a, N>>)> Visitor<'a> for Elements<N, F> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'a>>(mut self, mut array: A) -> Result<(), A::Error> {
        while let Some(fields) = array.next_element_seed(Element { names: self.names })? {
            (self.each)(fields);
        }
        Ok(())
    }
}

#[cfg(test)]
mod proptests;
#[cfg(test)]
mod tests;
