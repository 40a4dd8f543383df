//! Answers that are well-formed and not true, for as long as a schedule lasts.

use fastrand::Rng;
use serde_json::{Value, json};
use simulator::Simulator;

use crate::golden;

/// Empreendimentos of the golden data that have contratos.
const EMPREENDIMENTOS: [i64; 7] = [1400, 1403, 1406, 1409, 1415, 1418, 1421];
/// Contratos with more than ten parcelas that are neither distratado nor quitado.
const LARGE_CONTRATOS: [i64; 4] = [11013, 11015, 11021, 11036];

/// One lie.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lie {
    /// Every parcela of a contrato comes twice: harmless, for it counts once.
    Twice(i64),
    /// No date of signature of an empreendimento can be read: harmless.
    Unsigned(i64),
    /// An empreendimento's list holds contratos of another, so many that its job fails.
    Strangers(i64),
    /// A contrato has no parcelas any more: told where there was a commit before.
    Emptied(i64),
    /// Every parcela of an empreendimento comes three times, with codes of their own: the same.
    Grown(i64),
}

impl Lie {
    /// One or two; those that only a comparison tells where there is something to compare with.
    pub fn some(rng: &mut Rng, compared: bool) -> Vec<Self> {
        let kinds = if compared { 5 } else { 3 };
        (0..rng.usize(1..=2))
            .map(|_| {
                let empreendimento = EMPREENDIMENTOS[rng.usize(..EMPREENDIMENTOS.len())];
                let contrato = LARGE_CONTRATOS[rng.usize(..LARGE_CONTRATOS.len())];
                match rng.u8(..kinds) {
                    0 => Self::Twice(contrato),
                    1 => Self::Unsigned(empreendimento),
                    2 => Self::Strangers(empreendimento),
                    3 => Self::Emptied(contrato),
                    _ => Self::Grown(empreendimento),
                }
            })
            .collect()
    }

    /// Has the ERP tell it, until its overrides are cleared.
    pub fn tell(self, erp: &Simulator) {
        match self {
            Self::Twice(contrato) => {
                let once = parcelas(contrato);
                let twice = once.iter().chain(&once).cloned().collect();
                erp.override_parcelas(contrato, twice);
            }
            Self::Unsigned(id) => {
                let mut list = contratos(id);
                for contrato in &mut list {
                    contrato["data_assinatura"] = json!("31/02/2024");
                }
                erp.override_contratos(id, list.into());
            }
            Self::Strangers(id) => {
                let other = if id == 1406 { 1418 } else { 1406 };
                let list = contratos(id).into_iter();
                let list = list.chain(contratos(other).into_iter().take(8));
                erp.override_contratos(id, list.collect());
            }
            Self::Emptied(contrato) => erp.override_parcelas(contrato, json!([])),
            Self::Grown(id) => {
                for contrato in contratos(id) {
                    let contrato = contrato["cod_contrato"].as_i64().expect("a code");
                    let copies = (0..3).flat_map(|copy| copy_of(contrato, copy));
                    erp.override_parcelas(contrato, copies.collect());
                }
            }
        }
    }
}

fn contratos(empreendimento: i64) -> Vec<Value> {
    list(golden(&format!("contratos/{empreendimento}")))
}

fn parcelas(contrato: i64) -> Vec<Value> {
    list(golden(&format!("parcelas/{contrato}")))
}

/// The parcelas of a contrato, with other codes in each copy but the first.
fn copy_of(contrato: i64, copy: i64) -> impl Iterator<Item = Value> {
    parcelas(contrato).into_iter().map(move |mut parcela| {
        let code = parcela["cod_parcela"].as_i64().expect("a code");
        parcela["cod_parcela"] = json!(code + copy * 1_000_000_000);
        parcela
    })
}

fn list(value: Value) -> Vec<Value> {
    match value {
        Value::Array(list) => list,
        other => panic!("{other} is no list"),
    }
}
