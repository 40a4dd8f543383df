//! Parcelas: the bulk of what the ERP sends.

use super::array::ArrayParser;
use super::body_parser::BodyParser;
use super::fields::Fields;
use super::problem::Problem;
use super::record::record;
use super::text::{is_one_of, number};
use domain::job::ContratoId;
use domain::money::Amount;
use domain::records::{Parcela, Record};

const NAMES: [&str; 13] = [
    "cod_contrato",
    "cod_parcela",
    "status_parcela",
    "tipo_parcela",
    "sequencia",
    "data_vencimento",
    "data_baixa",
    "vlr_original",
    "vlr_corrigido",
    "vlr_pago",
    "vlr_presente",
    "situacao",
    "parcela_origem",
];
const COD_CONTRATO: usize = 0;
const COD_PARCELA: usize = 1;
const STATUS_PARCELA: usize = 2;
const TIPO_PARCELA: usize = 3;
const SEQUENCIA: usize = 4;
const DATA_VENCIMENTO: usize = 5;
const DATA_BAIXA: usize = 6;
const VLR_ORIGINAL: usize = 7;
const VLR_CORRIGIDO: usize = 8;
const VLR_PAGO: usize = 9;
const VLR_PRESENTE: usize = 10;
const SITUACAO: usize = 11;
const PARCELA_ORIGEM: usize = 12;

/// Folds every parcela of a contrato's answer into `folded`, in the order received.
pub fn parcelas<T>(
    contrato: ContratoId,
    folded: T,
    step: impl Fn(&mut T, Record<Parcela>),
) -> impl BodyParser<Value = T> {
    ArrayParser::new(&NAMES, folded, move |folded, fields| {
        let parcela = record(fields, COD_PARCELA, VLR_ORIGINAL, |fields| {
            parcela(fields, contrato)
        });
        step(folded, parcela);
    })
}

fn parcela(fields: &Fields<'_, 13>, contrato: ContratoId) -> Result<Parcela, Problem> {
    let cod_contrato = fields.get(COD_CONTRATO)?;
    if cod_contrato.code()? != contrato.get() {
        return Err(cod_contrato.problem("of another contrato"));
    }
    let code = fields.get(COD_PARCELA)?.code()?;
    let active = is_one_of(&fields.get(STATUS_PARCELA)?.text()?, &["ativo"]);
    let paid = is(fields, SITUACAO, &["pago", "liquidado", "quitado"])?;
    let vlr_original = amount(fields, VLR_ORIGINAL)?;
    let vlr_corrigido = amount(fields, VLR_CORRIGIDO)?;
    let vlr_pago = amount(fields, VLR_PAGO)?;
    let original = vlr_original.filter(|amount| !amount.is_zero());
    if active && original.is_none() && vlr_corrigido.is_none() {
        return Err(Problem::new(NAMES[VLR_ORIGINAL], "no amount"));
    }
    Ok(Parcela {
        code,
        active,
        from_contract: is(fields, PARCELA_ORIGEM, &["contrato", "tabela price"])?,
        paid,
        mensal_of: mensal_of(fields)?,
        data_vencimento: fields.get(DATA_VENCIMENTO)?.date()?,
        data_baixa: fields.get(DATA_BAIXA)?.date()?,
        valor: original.or(vlr_corrigido).unwrap_or_default(),
        vlr_corrigido: vlr_corrigido.unwrap_or_default(),
        vlr_pago: vlr_pago.unwrap_or_default(),
        vlr_pago_missing: vlr_pago.is_none(),
        vlr_presente: amount(fields, VLR_PRESENTE)?.unwrap_or_default(),
    })
}

fn amount(fields: &Fields<'_, 13>, index: usize) -> Result<Option<Amount>, Problem> {
    let field = fields.get(index)?.non_null();
    field.map(|field| field.amount()).transpose()
}

/// Whether a text that may be null is one of `names`.
fn is(fields: &Fields<'_, 13>, index: usize, names: &[&str]) -> Result<bool, Problem> {
    match fields.get(index)?.non_null() {
        Some(field) => Ok(is_one_of(&field.text()?, names)),
        None => Ok(false),
    }
}

/// The n of a monthly parcela's "k/n".
fn mensal_of(fields: &Fields<'_, 13>) -> Result<Option<u32>, Problem> {
    let sequencia = fields.get(SEQUENCIA)?.non_null();
    if !is(fields, TIPO_PARCELA, &["mensal"])? {
        return Ok(None);
    }
    let Some(sequencia) = sequencia else {
        return Ok(None);
    };
    let problem = sequencia.problem("not k/n");
    let text = sequencia.text().map_err(|_| problem)?;
    let (k, n) = text.split_once('/').ok_or(problem)?;
    match (number(k.trim()), number(n.trim())) {
        (Some(_), Some(n @ 1..)) => Ok(Some(n)),
        _ => Err(problem),
    }
}
