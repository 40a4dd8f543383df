//! What a test has put over the source: a second state of the ERP.

use std::collections::BTreeMap;
use std::io;

use serde::Deserialize;
use serde_json::Value;

use crate::call::Period;
use crate::json::{identifier, invalid_data};
use crate::payables::Payables;

#[derive(Debug, Default)]
pub(crate) struct Overrides {
    empreendimentos: Option<Value>,
    contratos: BTreeMap<i64, Value>,
    parcelas: BTreeMap<i64, Value>,
    faturas: Option<Payables>,
}

/// A set of changes, the body of `POST /control/data`. What is absent stays as it is.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub(crate) struct Changes {
    /// Forgets all earlier changes first.
    clear: bool,
    empreendimentos: Option<Value>,
    contratos: BTreeMap<i64, Value>,
    parcelas: BTreeMap<i64, Value>,
    faturas: Option<Vec<Value>>,
}

impl Overrides {
    pub fn apply(&mut self, changes: Changes) {
        if changes.clear {
            self.clear();
        }
        if let Some(body) = changes.empreendimentos {
            self.set_empreendimentos(body);
        }
        self.contratos.extend(changes.contratos);
        self.parcelas.extend(changes.parcelas);
        if let Some(rows) = changes.faturas {
            self.set_faturas(&rows);
        }
    }

    pub fn clear(&mut self) {
        *self = Self::default();
    }

    pub fn set_empreendimentos(&mut self, body: Value) {
        self.empreendimentos = Some(body);
    }

    pub fn set_contratos(&mut self, empreendimento: i64, body: Value) {
        self.contratos.insert(empreendimento, body);
    }

    pub fn set_parcelas(&mut self, contrato: i64, body: Value) {
        self.parcelas.insert(contrato, body);
    }

    pub fn set_faturas(&mut self, rows: &[Value]) {
        self.faturas = Some(Payables::from_values(rows));
    }

    pub fn empreendimentos(&self) -> Option<Vec<u8>> {
        self.empreendimentos.as_ref().map(text)
    }

    pub fn contratos(&self, empreendimento: i64) -> Option<Vec<u8>> {
        self.contratos.get(&empreendimento).map(text)
    }

    pub fn has_contratos(&self) -> bool {
        !self.contratos.is_empty()
    }

    /// The answer for all empreendimentos, with the lists of the changed ones replaced.
    pub fn merge_all_contratos(&self, all: &[u8]) -> io::Result<Vec<u8>> {
        let all: Vec<Value> = match all.is_empty() {
            true => Vec::new(),
            false => serde_json::from_slice(all).map_err(invalid_data)?,
        };
        let is_kept = |contrato: &Value| {
            identifier(contrato.get("cod_empreendimento"))
                .is_none_or(|codigo| !self.contratos.contains_key(&codigo))
        };
        let kept = all.into_iter().filter(is_kept);
        let changed = self
            .contratos
            .values()
            .filter_map(Value::as_array)
            .flatten()
            .cloned();
        Ok(text(&kept.chain(changed).collect()))
    }

    pub fn parcelas(&self, contrato: i64) -> Option<Vec<u8>> {
        self.parcelas.get(&contrato).map(text)
    }

    pub fn faturas(&self, period: Period) -> Option<Vec<u8>> {
        self.faturas.as_ref().map(|faturas| faturas.body(period))
    }
}

fn text(body: &Value) -> Vec<u8> {
    body.to_string().into_bytes()
}
