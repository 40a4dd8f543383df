//! Faturas a pagar.

use smol_str::SmolStr;

use super::array::ArrayParser;
use super::body_parser::BodyParser;
use super::fields::Fields;
use super::problem::Problem;
use super::record::record;
use domain::records::{Fatura, Record};
use domain::tables::{FaturaKey, FaturaRow};

const NAMES: [&str; 10] = [
    "Filial",
    "Agente",
    "NumeroAP",
    "NumeroParcela",
    "TipoDocumento",
    "NumeroDocumento",
    "DataVencimento",
    "DataProrrogado",
    "ValorParcela",
    "SaldoAtual",
];
const FILIAL: usize = 0;
const AGENTE: usize = 1;
const NUMERO_AP: usize = 2;
const NUMERO_PARCELA: usize = 3;
const TIPO_DOCUMENTO: usize = 4;
const NUMERO_DOCUMENTO: usize = 5;
const DATA_VENCIMENTO: usize = 6;
const DATA_PRORROGADO: usize = 7;
const VALOR_PARCELA: usize = 8;
const SALDO_ATUAL: usize = 9;

/// Folds every fatura of an answer into `folded`, in the order received.
pub fn faturas<T>(folded: T, step: impl Fn(&mut T, Record<Fatura>)) -> impl BodyParser<Value = T> {
    ArrayParser::new(&NAMES, folded, move |folded, fields| {
        step(folded, record(fields, NUMERO_AP, VALOR_PARCELA, fatura));
    })
}

fn fatura(fields: &Fields<'_, 10>) -> Result<Fatura, Problem> {
    let key = FaturaKey {
        filial_id: fields.inside(FILIAL, &["Id"], "Filial.Id")?.id()?,
        agente_codigo: fields
            .inside(AGENTE, &["Codigo"], "Agente.Codigo")?
            .code()?,
        numero_ap: identifying(fields, NUMERO_AP)?,
        numero_parcela: identifying(fields, NUMERO_PARCELA)?,
        tipo_documento: or_empty(fields, TIPO_DOCUMENTO)?,
        numero_documento: or_empty(fields, NUMERO_DOCUMENTO)?,
        data_vencimento: fields
            .get(DATA_VENCIMENTO)?
            .date()?
            .ok_or(Problem::new(NAMES[DATA_VENCIMENTO], "null"))?,
        valor_parcela: fields.get(VALOR_PARCELA)?.amount()?.round(),
    };
    Ok(FaturaRow {
        key,
        saldo_atual: fields.get(SALDO_ATUAL)?.amount()?.round(),
        data_prorrogado: fields.get(DATA_PRORROGADO)?.date()?,
    })
}

/// A part of the key that the ERP always gives.
fn identifying(fields: &Fields<'_, 10>, index: usize) -> Result<SmolStr, Problem> {
    let text = fields.get(index)?.label()?;
    if text.is_empty() {
        return Err(Problem::new(NAMES[index], "empty"));
    }
    Ok(text.into())
}

/// A part of the key that the ERP may leave out.
fn or_empty(fields: &Fields<'_, 10>, index: usize) -> Result<SmolStr, Problem> {
    match fields.optional(index).and_then(|field| field.non_null()) {
        Some(field) => field.label().map(SmolStr::from),
        None => Ok(SmolStr::default()),
    }
}
