//! Empreendimentos and their filiais.

use super::text::Text;
use super::{Seeded, Stream};

const FIRST: i64 = 1_400;
const STEP: i64 = 3;

/// The ERP's code of an empreendimento.
pub(crate) fn codigo(index: usize) -> i64 {
    FIRST + STEP * index as i64
}

pub(crate) fn index_of(codigo: i64) -> Option<usize> {
    let offset = usize::try_from(codigo - FIRST).ok()?;
    (offset % STEP as usize == 0).then_some(offset / STEP as usize)
}

/// Four empreendimentos share a filial on average.
pub(crate) fn filial(seeded: &Seeded, index: usize) -> i64 {
    let last = filiais(seeded) - 1;
    filial_number(
        seeded
            .rng(Stream::Empreendimento, index as i64)
            .between(0, last),
    )
}

pub(crate) fn filiais(seeded: &Seeded) -> i64 {
    i64::from(seeded.empreendimentos.div_ceil(4).max(1))
}

pub(crate) fn filial_number(index: i64) -> i64 {
    100 + 7 * index
}

pub(crate) fn write(text: &mut Text, seeded: &Seeded, index: usize) {
    let (codigo, filial) = (codigo(index), filial(seeded, index));
    text.raw("{\"codigo\": ")
        .int(codigo)
        .raw(".0, \"codigoOrganizacao\": 99.0, \"codigoFilial\": ");
    text.int(filial)
        .raw(".0, \"nomeFilial\": \"FILIAL ")
        .int(filial);
    text.raw(" EMPREENDIMENTOS IMOBILIÁRIOS LTDA\", \"fantasiaFilial\": \"FILIAL ")
        .int(filial);
    text.raw("\", \"cnpjFilial\": \"")
        .padded(filial, 14)
        .raw("    \", \"codigo_externo\": \"");
    text.padded(index as i64, 2)
        .raw("\", \"nome\": \"LOTEAMENTO JARDIM ")
        .int(codigo);
    text.raw("\", \"nomeReal\": null, \"tipoImovel\": \"URBANO\", ");
    // The ERP leaves it out more often than not.
    if index % 4 == 3 {
        text.raw("\"status\": \"A\", ");
    }
    text.raw(
        "\"disponivelPortalCliente\": \"N\", \"disponivelHomepay\": \"N\", \
         \"inicioObra\": \"2016/09/21\", \"fimObra\": \"2016/09/21\", \"habite\": \"0001/01/01\", \
         \"areaTotal\": 0.0, \"endereco\": {\"cep\": \"89.248-000\", \"pais\": \"BRA\", \
         \"estado\": \"SC\", \"municipio\": \"GARUVA\", \"numero\": null}, \
         \"centroCusto\": {\"padrao\": 1, \"identificador\": \"1\", \"reduzido\": ",
    );
    text.int(21 + index as i64 % 5);
    text.raw(
        ", \"extenso\": null, \"id\": \"McO4\"}, \
         \"projeto\": {\"padrao\": 1, \"identificador\": \"9\", \"reduzido\": ",
    );
    text.int(36 + index as i64)
        .raw(", \"id\": \"McO4O\"}, \"expand\": \"projeto,centrocusto\", ");
    text.raw("\"id\": \"NTPD").int(codigo).raw("\"}");
}
