//! Contratos of one empreendimento.

use super::array::ArrayParser;
use super::body_parser::BodyParser;
use super::fields::Fields;
use super::problem::Problem;
use super::record::record;
use domain::job::EmpreendimentoId;
use domain::records::{Contrato, ListedContrato, Record};

const NAMES: [&str; 5] = [
    "cod_contrato",
    "cod_empreendimento",
    "status_contrato",
    "valor_contrato",
    "data_assinatura",
];
const COD_CONTRATO: usize = 0;
const COD_EMPREENDIMENTO: usize = 1;
const STATUS_CONTRATO: usize = 2;
const VALOR_CONTRATO: usize = 3;
const DATA_ASSINATURA: usize = 4;

/// Parses the contratos of an empreendimento's answer, in the order received.
pub fn contratos(
    empreendimento: EmpreendimentoId,
) -> impl BodyParser<Value = Vec<Record<ListedContrato>>> {
    ArrayParser::new(&NAMES, Vec::new(), move |contratos, fields| {
        contratos.push(record(fields, COD_CONTRATO, VALOR_CONTRATO, |fields| {
            contrato(fields, empreendimento)
        }));
    })
}

fn contrato(fields: &Fields<'_, 5>, asked: EmpreendimentoId) -> Result<ListedContrato, Problem> {
    let id = fields.get(COD_CONTRATO)?.id()?;
    let valor = fields.get(VALOR_CONTRATO).and_then(|field| field.amount());
    if fields.get(COD_EMPREENDIMENTO)?.id::<EmpreendimentoId>()? != asked {
        let valor = valor.ok();
        return Ok(ListedContrato::Other { id, valor });
    }
    // A contrato counts in the figures even if its date is unreadable.
    let data_assinatura = fields.get(DATA_ASSINATURA).and_then(|field| field.date());
    Ok(ListedContrato::Own(Contrato {
        id,
        status: fields.get(STATUS_CONTRATO)?.text()?.into_owned(),
        valor: valor?,
        data_assinatura: data_assinatura.unwrap_or_default(),
        assinatura_unreadable: data_assinatura.is_err(),
    }))
}
