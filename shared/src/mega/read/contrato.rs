//! Contratos of one empreendimento.

use super::arriving::{List, Reading};
use super::fields::{Fields, Problem};
use super::record;
use crate::job::EmpreendimentoId;
use crate::mega::records::{Contrato, Record};

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

/// The contratos of an empreendimento's answer, in the order received.
pub(in crate::mega) fn contratos(
    empreendimento: EmpreendimentoId,
) -> impl Reading<Value = Vec<Record<Contrato>>> {
    List::new(&NAMES, Vec::new(), move |contratos, fields| {
        contratos.push(record(fields, COD_CONTRATO, VALOR_CONTRATO, |fields| {
            contrato(fields, empreendimento)
        }));
    })
}

fn contrato(fields: &Fields<'_, 5>, asked: EmpreendimentoId) -> Result<Contrato, Problem> {
    let id = fields.get(COD_CONTRATO)?.id()?;
    let cod_empreendimento = fields.get(COD_EMPREENDIMENTO)?;
    let empreendimento = cod_empreendimento.id()?;
    if empreendimento != asked {
        return Err(cod_empreendimento.problem("of another empreendimento"));
    }
    Ok(Contrato {
        id,
        empreendimento,
        status: fields.get(STATUS_CONTRATO)?.text()?.into_owned(),
        valor: fields.get(VALOR_CONTRATO)?.amount()?,
        data_assinatura: fields.get(DATA_ASSINATURA)?.date()?,
    })
}
