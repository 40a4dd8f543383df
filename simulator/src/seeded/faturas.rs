//! Payables, with what makes them hard: withholdings that reuse AP and parcela, rows that the
//! ERP repeats, filiais that no empreendimento names.

use chrono::{Days, NaiveDate, TimeDelta};

use super::rng::Rng;
use super::text::{Text, list};
use super::{Seeded, Stream, empreendimento};
use crate::call::Period;

/// A filial that no empreendimento names.
const ORPHAN_FILIAL: i64 = 9_999;

/// The agente of all withholdings.
const TAX_OFFICE: i64 = 1;

/// About the length of a record.
const BYTES: usize = 420;

pub(crate) fn body(seeded: &Seeded, period: Period) -> Vec<u8> {
    let rows = (0..i64::from(seeded.faturas))
        .map(|at| Fatura::new(seeded, at))
        .filter(|fatura| (period.ini..=period.fim).contains(&fatura.due))
        .filter(|fatura| period.filial.is_none_or(|filial| filial == fatura.filial))
        .filter(|fatura| fatura.saldo > 0 || !period.em_aberto);
    list(rows, BYTES, |text, fatura| write(text, &fatura))
}

struct Fatura {
    filial: i64,
    agente: i64,
    numero_ap: i64,
    /// AP numbers come as numbers or texts.
    ap_as_text: bool,
    parcela: i64,
    tipo: &'static str,
    documento: i64,
    due: NaiveDate,
    postponed: NaiveDate,
    /// Centavos.
    valor: i64,
    valor_as_text: bool,
    saldo: i64,
}

impl Fatura {
    fn new(seeded: &Seeded, at: i64) -> Self {
        match at % 40 {
            // A row that the ERP lists twice.
            39 => Self::plain(seeded, at - 1),
            // A tax withheld from the row before: its AP and parcela, another agente and type.
            19 | 29 => Self::plain(seeded, at - 1).withheld(seeded.rng(Stream::Faturas, at)),
            _ => Self::plain(seeded, at),
        }
    }

    fn plain(seeded: &Seeded, at: i64) -> Self {
        let mut rng = seeded.rng(Stream::Faturas, at);
        let due = seeded.today + TimeDelta::days(rng.between(-730, 365));
        let valor = rng.between(20_000, 9_500_000);
        let filial =
            empreendimento::filial_number(rng.between(0, empreendimento::filiais(seeded) - 1));
        Self {
            filial: if rng.chance(3) { ORPHAN_FILIAL } else { filial },
            agente: 8_000 + at,
            numero_ap: 900 + at,
            ap_as_text: rng.chance(25),
            parcela: at % 12 + 1,
            tipo: rng.pick(&TYPES.map(|tipo| (1, tipo))),
            documento: at,
            due,
            postponed: due + Days::new(rng.pick(&[(80, 0), (20, 5)])),
            valor,
            valor_as_text: rng.chance(3),
            saldo: saldo(&mut rng, valor, due < seeded.today),
        }
    }

    fn withheld(self, mut rng: Rng) -> Self {
        let valor = (self.valor * rng.between(2, 11) / 100).max(1);
        Self {
            agente: TAX_OFFICE,
            tipo: "GUIA",
            valor,
            saldo: if self.saldo == 0 { 0 } else { valor },
            ..self
        }
    }
}

const TYPES: [&str; 10] = [
    "RECIBO", "FOLHA", "GUIA", "NF_REF", "NF SERV", "DISTRATO", "BOLETO", "CONTRATO", "ALUGUEL",
    "NF MAT",
];

/// What is still to be paid: mostly nothing of the past, mostly all of the future.
fn saldo(rng: &mut Rng, valor: i64, is_past: bool) -> i64 {
    let partly = valor * rng.between(10, 90) / 100;
    match is_past {
        true => rng.pick(&[(90, 0), (6, valor), (4, partly)]),
        false => rng.pick(&[(12, 0), (84, valor), (4, partly)]),
    }
}

fn write(text: &mut Text, fatura: &Fatura) {
    text.raw("{\"Filial\": {\"Id\": ").int(fatura.filial);
    text.raw(", \"Nome\": null, \"NomeFantasia\": null, \"Agente\": null, ");
    text.raw("\"OrganizacaoPai\": null}, \"Agente\": {\"Expand\": \"tipos\", \"Id\": \"1-");
    text.int(fatura.agente)
        .raw("\", \"Padrao\": 1, \"Codigo\": ")
        .int(fatura.agente);
    text.raw(", \"Tipo\": null, \"Nome\": null, \"Cnpj\": null}, \"NumeroAP\": ");
    let quote = if fatura.ap_as_text { "\"" } else { "" };
    text.raw(quote).int(fatura.numero_ap).raw(quote);
    text.raw(", \"TipoDocumento\": ").text(Some(fatura.tipo));
    text.raw(", \"NumeroDocumento\": \"")
        .padded(fatura.documento, 6);
    text.raw("\", \"NumeroParcela\": \"")
        .padded(fatura.parcela, 3);
    text.raw("\", \"DataVencimento\": ").date(Some(fatura.due));
    text.raw(", \"DataProrrogado\": ")
        .date(Some(fatura.postponed));
    text.raw(", \"ValorParcela\": ");
    if fatura.valor_as_text {
        text.brazilian_money(fatura.valor);
    } else {
        text.money(fatura.valor);
    }
    text.raw(", \"SaldoAtual\": ").money(fatura.saldo).raw("}");
}
