//! Contracts: what a list says of one, and what its parcelas follow.

use chrono::{Days, NaiveDate};

use super::text::Text;
use super::{Seeded, Stream, empreendimento};

/// The number of the first contract.
pub(crate) const FIRST: i64 = 11_001;

/// About the length of a record.
pub(crate) const BYTES: usize = 860;

/// How a contract goes, which its parcelas show.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Course {
    Running,
    Overdue,
    PaidOff,
    Cancelled,
}

pub(crate) struct Contrato {
    pub cod_contrato: i64,
    pub course: Course,
    pub registered: NaiveDate,
    /// Centavos.
    pub valor: i64,
    status: &'static str,
    is_signed: bool,
    /// The ERP gives a number as text now and then.
    valor_as_text: bool,
}

impl Contrato {
    pub fn new(seeded: &Seeded, index: usize) -> Self {
        let cod_contrato = FIRST + index as i64;
        let mut rng = seeded.rng(Stream::Contrato, cod_contrato);
        let (status, course) = rng.pick(&[
            (60, ("Ativo", Course::Running)),
            (8, ("Normal", Course::Running)),
            (3, ("A", Course::Running)),
            (2, ("N", Course::Running)),
            (7, ("Inadimplente", Course::Overdue)),
            (2, ("I", Course::Overdue)),
            (9, ("Quitado", Course::PaidOff)),
            (2, ("Q", Course::PaidOff)),
            (5, ("Distratado", Course::Cancelled)),
            (2, ("D", Course::Cancelled)),
        ]);
        let age_days = rng.between(20, 3_300) as u64;
        Self {
            cod_contrato,
            course,
            registered: seeded.today - Days::new(age_days),
            valor: rng.between(9_000_000, 45_000_000),
            status,
            is_signed: !rng.chance(3),
            valor_as_text: rng.chance(6),
        }
    }
}

pub(crate) fn write(text: &mut Text, seeded: &Seeded, index: usize, at: usize) {
    let contrato = Contrato::new(seeded, index);
    let (number, registered) = (contrato.cod_contrato, Some(contrato.registered));
    let (codigo, filial) = (
        empreendimento::codigo(at),
        empreendimento::filial(seeded, at),
    );
    text.raw("{\"cod_filial\": ")
        .int(filial)
        .raw(", \"nome_filial\": \"FILIAL ")
        .int(filial);
    text.raw(" EMPREENDIMENTOS IMOBILIÁRIOS LTDA\", \"cod_contrato\": ")
        .int(number);
    text.raw(", \"cod_proposta\": ").int(100_000 + number);
    text.raw(", \"nome_cliente\": \"CLIENTE SINTÉTICO ")
        .int(number);
    text.raw("\", \"tipo_pessoa\": \"F\", \"cpf_cnpj_cliente\": \"000.000.000-00\", ");
    text.raw("\"cod_cliente\": ")
        .int(number + 5)
        .raw(", \"valor_contrato\": ");
    let quote = if contrato.valor_as_text { "\"" } else { "" };
    text.raw(quote).money(contrato.valor).raw(quote);
    text.raw(", \"tipo_contrato\": \"Venda\", \"data_cadastro\": ")
        .date(registered);
    text.raw(", \"status_contrato\": ")
        .text(Some(contrato.status));
    text.raw(", \"data_status\": ").date(registered);
    text.raw(", \"classificacaocto\": \"Compra e Venda\", \"perc_multa\": 2, \"perc_mora\": 1, ");
    text.raw("\"data_assinatura\": ")
        .date(registered.filter(|_| contrato.is_signed));
    text.raw(", \"tipo_estrutura\": \"Unidade\", \"cod_empreendimento\": ")
        .int(codigo);
    text.raw(", \"nome_empreendimento\": \"LOTEAMENTO JARDIM ")
        .int(codigo);
    text.raw("\", \"cod_etapa\": 1, \"nome_etapa\": \"UNICA\", \"cod_bloco\": 9, ");
    text.raw("\"nome_bloco\": \"QUADRA I\", \"cod_unidade\": ")
        .int(number);
    text.raw(", \"nome_unidade\": \"LOTE ")
        .int(number)
        .raw("\"}");
}
