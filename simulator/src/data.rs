//! The bodies: a source, under what tests have put over it.

use std::io;
use std::sync::RwLock;

use serde_json::Value;

use crate::call::{Call, Period};
use crate::json::{identifier, invalid_data};
use crate::lies::{About, Edit, Lie};
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
    lies: RwLock<Vec<Lie>>,
}

impl Data {
    pub fn new(source: Box<dyn Source>) -> Self {
        Self {
            source,
            overrides: RwLock::default(),
            lies: RwLock::default(),
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

    /// Changes the lies that are told, in one step for all calls.
    pub fn change_lies(&self, change: impl FnOnce(&mut Vec<Lie>)) {
        change(&mut self.lies.write().expect("no holder of this lock panics"));
    }

    /// The lies that are told.
    pub fn lies(&self) -> Vec<Lie> {
        self.lies
            .read()
            .expect("no holder of this lock panics")
            .clone()
    }

    /// The body that answers a call; `None` is an empty list. Rendering may take a while: not on
    /// a thread of the runtime.
    pub fn body(&self, call: Call) -> io::Result<Option<Vec<u8>>> {
        let mut body = self.true_body(call)?;
        for lie in self.lies() {
            if self.concerns(lie.about, call)? {
                body = self.edited(&body, call, &lie)?;
            }
        }
        Ok((!is_empty(&body)).then_some(body))
    }

    /// Whether the answer to a call holds what a lie is about.
    fn concerns(&self, about: About, call: Call) -> io::Result<bool> {
        Ok(match (about, call) {
            (About::Empreendimentos, Call::Empreendimentos)
            | (About::Contratos(_), Call::Contratos { empreendimento: 0 }) => true,
            (About::Faturas, Call::Faturas(period)) => !period.em_aberto,
            (About::FaturasEmAberto, Call::Faturas(period)) => period.em_aberto,
            (About::Contratos(codigo), Call::Contratos { empreendimento }) => {
                codigo == empreendimento
            }
            (About::Parcelas(codigo), Call::Parcelas { contrato }) => codigo == contrato,
            (About::ParcelasOfEmpreendimento(codigo), Call::Parcelas { contrato }) => self
                .true_contratos(codigo)?
                .iter()
                .any(|record| identifier(record.get("cod_contrato")) == Some(contrato)),
            _ => false,
        })
    }

    fn edited(&self, body: &[u8], call: Call, lie: &Lie) -> io::Result<Vec<u8>> {
        let Some(mut records) = records_of(body)? else {
            // What a test has put in the place of a list.
            return Ok(body.to_vec());
        };
        match (lie.about, call) {
            // The answer for all has these contratos anyway.
            (_, Call::Contratos { empreendimento: 0 })
                if matches!(lie.edit, Edit::AddContratos { .. }) => {}
            (About::Contratos(codigo), Call::Contratos { empreendimento: 0 }) if codigo != 0 => {
                let is_of =
                    |record: &Value| identifier(record.get("cod_empreendimento")) == Some(codigo);
                let (mut own, others) = records.into_iter().partition(is_of);
                lie.edit.apply(&mut own, |of| self.true_contratos(of))?;
                records = others;
                records.append(&mut own);
            }
            _ => lie.edit.apply(&mut records, |of| self.true_contratos(of))?,
        }
        serde_json::to_vec(&records).map_err(invalid_data)
    }

    fn true_contratos(&self, empreendimento: i64) -> io::Result<Vec<Value>> {
        let body = self.true_body(Call::Contratos { empreendimento })?;
        Ok(records_of(&body)?.unwrap_or_default())
    }

    /// The body without lies.
    fn true_body(&self, call: Call) -> io::Result<Vec<u8>> {
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
        Ok(body)
    }
}

/// The records of a list; `None` when the body is none.
fn records_of(body: &[u8]) -> io::Result<Option<Vec<Value>>> {
    if is_empty(body) {
        return Ok(Some(Vec::new()));
    }
    match serde_json::from_slice(body).map_err(invalid_data)? {
        Value::Array(records) => Ok(Some(records)),
        _ => Ok(None),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_empty_list_is_empty() {
        assert!(is_empty(b"") && is_empty(b" \n") && is_empty(b"[ ]\n"));
        assert!(!is_empty(b"[0]") && !is_empty(b"[]]") && !is_empty(b"{}"));
    }
}
