//! Reads the ERP's bodies as they arrive: one pass, borrowed fields, a call per record.
//!
//! Only the fields used are looked at; the rest, personal data among it, is skipped as bytes. The
//! case of keys does not matter, since it differs between the ERP's routes.

mod arriving;
mod catalogue;
mod contrato;
mod fatura;
mod fields;
mod layout;
mod parcela;
mod session;
mod value;

use serde::de::DeserializeSeed as _;
use serde_json::Deserializer;

pub use arriving::Reading;
pub use catalogue::catalogue;
pub use contrato::contratos;
pub use fatura::faturas;
pub use parcela::parcelas;
pub use session::{SessionAnswer, session};

use self::fields::{Element, Fields, Problem};
use domain::records::{Record, Rejection};

/// What some of the ERP's answers begin with.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Why a body could not be read to its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReadError {
    /// No whole JSON.
    BrokenOff,
    /// JSON, but of another shape.
    Shape(&'static str),
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
pub fn begins_an_object(body: &[u8]) -> bool {
    without_bom(body).trim_ascii_start().first() == Some(&b'{')
}

fn without_bom(body: &[u8]) -> &[u8] {
    body.strip_prefix(BYTE_ORDER_MARK).unwrap_or(body)
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

#[cfg(test)]
mod proptests;
#[cfg(test)]
mod tests;
