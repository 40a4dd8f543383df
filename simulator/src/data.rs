//! The bodies: a source, under what tests have put over it.

use std::io;
use std::sync::RwLock;

use serde_json::Value;

use crate::call::{Call, Period};
use crate::overrides::Overrides;

/// Where bodies come from. Each is the JSON text of a list; empty text is an empty list.
pub(crate) trait Source: Send + Sync {
    fn empreendimentos(&self) -> io::Result<Vec<u8>>;
    /// The contracts of one empreendimento, or of all for 0.
    fn contratos(&self, empreendimento: i64) -> io::Result<Vec<u8>>;
    fn parcelas(&self, contrato: i64) -> io::Result<Vec<u8>>;
    fn faturas(&self, period: Period) -> io::Result<Vec<u8>>;
}

pub(crate) struct Data {
    source: Box<dyn Source>,
    overrides: RwLock<Overrides>,
}

impl Data {
    pub fn new(source: Box<dyn Source>) -> Self {
        Self {
            source,
            overrides: RwLock::default(),
        }
    }

    /// Changes what lies over the source, in one step for all calls.
    pub fn change(&self, change: impl FnOnce(&mut Overrides)) {
        change(
            &mut self
                .overrides
                .write()
                .expect("no holder of this lock panics"),
        );
    }

    /// The body that answers a call; `None` is an empty list. Rendering may take a while: not on
    /// a thread of the runtime.
    pub fn body(&self, call: Call) -> io::Result<Option<Vec<u8>>> {
        let overrides = self
            .overrides
            .read()
            .expect("no holder of this lock panics");
        let body = match call {
            Call::SignIn | Call::RefreshToken => Vec::new(),
            Call::Empreendimentos => match overrides.empreendimentos() {
                Some(body) => body,
                None => self.source.empreendimentos()?,
            },
            Call::Contratos { empreendimento } => match overrides.contratos(empreendimento) {
                Some(body) => body,
                None if empreendimento == 0 && overrides.has_contratos() => {
                    overrides.merge_all_contratos(&self.source.contratos(0)?)?
                }
                None => self.source.contratos(empreendimento)?,
            },
            Call::Parcelas { contrato } => match overrides.parcelas(contrato) {
                Some(body) => body,
                None => self.source.parcelas(contrato)?,
            },
            Call::Faturas(period) => match overrides.faturas(period) {
                Some(body) => body,
                None => self.source.faturas(period)?,
            },
        };
        Ok((!is_empty(&body)).then_some(body))
    }
}

/// Whether a body is an empty list, which the ERP answers with 204.
fn is_empty(body: &[u8]) -> bool {
    body.iter()
        .filter(|byte| !byte.is_ascii_whitespace())
        .take(3)
        .eq(b"[]".iter())
        || body.iter().all(u8::is_ascii_whitespace)
}

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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_empty_list_is_empty() {
        assert!(is_empty(b"") && is_empty(b" \n") && is_empty(b"[ ]\n"));
        assert!(!is_empty(b"[0]") && !is_empty(b"[]]") && !is_empty(b"{}"));
    }
}
