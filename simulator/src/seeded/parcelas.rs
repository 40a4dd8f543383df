//! The parcelas of a contract: due month by month, paid, late, early, renegotiated.

use chrono::{Days, Months, NaiveDate, TimeDelta};

use super::contrato::{Contrato, Course};
use super::rng::Rng;
use super::text::{Text, list};
use super::{Seeded, Stream};

/// About the length of a record.
const BYTES: usize = 1_160;

/// How many of the first parcelas are the down payment.
const SINAIS: i64 = 2;

pub(crate) fn body(seeded: &Seeded, index: usize) -> Vec<u8> {
    let count = count(seeded, index);
    let mut series = Series::new(seeded, index, count);
    list(0..count, 2 + count as usize * BYTES, |text, at| {
        let parcela = series.next(at);
        write(text, &series, at, &parcela);
    })
}

/// Contracts go in pairs, one as much longer than the average as the other is shorter, so that
/// the total is known without adding up. One pair in sixteen has a contract without parcelas.
fn count(seeded: &Seeded, index: usize) -> i64 {
    let average = i64::from(seeded.parcelas_per_contrato);
    let is_longer = index.is_multiple_of(2);
    if is_longer && index + 1 == seeded.contratos as usize {
        // The last one of an odd number has no partner.
        return average;
    }
    let mut rng = seeded.rng(Stream::Sizes, index as i64 / 2);
    let apart = if rng.between(1, 16) == 1 {
        average
    } else {
        rng.between(0, average / 2)
    };
    if is_longer {
        average + apart
    } else {
        average - apart
    }
}

/// What a contract's parcelas have in common.
struct Series {
    contrato: Contrato,
    rng: Rng,
    today: NaiveDate,
    first_due: NaiveDate,
    from_price_table: bool,
    monthly: i64,
    intermediate: i64,
    sinais: i64,
    /// Of a monthly parcela, centavos.
    valor: i64,
}

struct Parcela {
    tipo: &'static str,
    number: i64,
    of: i64,
    due: NaiveDate,
    status: &'static str,
    origem: &'static str,
    /// `None` is written null, as the ERP does now and then.
    original: Option<i64>,
    corrigido: i64,
    payment: Option<(NaiveDate, i64)>,
    situacao: &'static str,
    presente: i64,
}

impl Series {
    fn new(seeded: &Seeded, index: usize, count: i64) -> Self {
        let contrato = Contrato::new(seeded, index);
        let mut rng = seeded.rng(Stream::Parcelas, contrato.cod_contrato);
        let sinais = count.min(SINAIS);
        let intermediate = (count - sinais) / 12;
        Self {
            today: seeded.today,
            first_due: contrato.registered + Days::new(rng.between(5, 40) as u64),
            from_price_table: rng.chance(15),
            monthly: count - sinais - intermediate,
            intermediate,
            sinais,
            valor: contrato.valor / count.max(1),
            contrato,
            rng,
        }
    }

    fn next(&mut self, at: i64) -> Parcela {
        // The last day of a short month where the day does not exist.
        let due = self.first_due + Months::new(at as u32);
        let (tipo, number, of) = self.place(at);
        let original = self.valor * self.rng.between(85, 115) / 100 + self.rng.between(0, 99);
        let original = if tipo == "Intermediária" {
            original * 4
        } else {
            original
        };
        let corrigido = original * self.rng.between(1_000, 1_450) / 1_000;
        let payment = self.payment(due, corrigido);
        let is_late = due < self.today;
        Parcela {
            tipo,
            number,
            of,
            due,
            status: self.status(payment.is_some()),
            origem: self.origem(tipo),
            original: self
                .rng
                .pick(&[(196, Some(original)), (2, Some(0)), (2, None)]),
            corrigido,
            payment,
            situacao: match (payment, is_late) {
                (Some(_), _) => self
                    .rng
                    .pick(&[(93, "Pago"), (4, "Liquidado"), (3, "Quitado")]),
                (None, true) => "Vencido",
                (None, false) => "Ativo",
            },
            presente: match payment {
                Some(_) => 0,
                None => corrigido * self.rng.between(930, 1_000) / 1_000,
            },
        }
    }

    /// The kind of a parcela, and its place among those of that kind.
    fn place(&mut self, at: i64) -> (&'static str, i64, i64) {
        if at < self.sinais {
            return ("Sinal", at + 1, self.sinais);
        }
        let after = at - self.sinais;
        if after % 12 == 11 {
            return ("Intermediária", after / 12 + 1, self.intermediate);
        }
        let tipo = if after > 0 && self.rng.chance(4) {
            "Reajuste"
        } else {
            "Mensal"
        };
        (tipo, after - after / 12 + 1, self.monthly)
    }

    /// When and how much was paid, if it was.
    fn payment(&mut self, due: NaiveDate, corrigido: i64) -> Option<(NaiveDate, i64)> {
        let age_days = (self.today - due).num_days();
        let is_paid = match (self.contrato.course, age_days > 0) {
            (Course::PaidOff, _) => true,
            (Course::Running, true) => self.rng.chance(if age_days > 90 { 97 } else { 80 }),
            (Course::Overdue, true) => age_days > 700 || self.rng.chance(35),
            (Course::Cancelled, true) => self.rng.chance(50),
            (_, false) => self.rng.chance(3),
        };
        let (low, high) = self
            .rng
            .pick(&[(60, (-6, 2)), (20, (3, 75)), (20, (-80, -7))]);
        let paid_on = due + TimeDelta::days(self.rng.between(low, high));
        let days_ago = self.rng.between(0, 60) as u64;
        let amount = corrigido * self.rng.between(960, 1_040) / 1_000;
        // Nothing is paid tomorrow.
        let latest = if paid_on > self.today {
            self.today - Days::new(days_ago)
        } else {
            paid_on
        };
        is_paid.then_some((latest, amount))
    }

    fn status(&mut self, is_paid: bool) -> &'static str {
        match (self.contrato.course, is_paid) {
            (Course::Cancelled, false) => self.rng.pick(&[(1, "Inativo"), (1, "Cancelado")]),
            _ => self.rng.pick(&[
                (94, "Ativo"),
                (3, "ATIVO"),
                (2, "Inativo"),
                (1, "Cancelado"),
            ]),
        }
    }

    fn origem(&mut self, tipo: &str) -> &'static str {
        let from_contract = if self.from_price_table {
            "Tabela Price"
        } else {
            "Contrato"
        };
        match tipo {
            "Reajuste" => "Reajuste",
            _ => self.rng.pick(&[
                (85, from_contract),
                (11, "Renegociação"),
                (4, "Termo Contratual"),
            ]),
        }
    }
}

fn write(text: &mut Text, series: &Series, at: i64, parcela: &Parcela) {
    let number = series.contrato.cod_contrato;
    let due = Some(parcela.due);
    let (paid_on, paid) = parcela.payment.unzip();
    text.raw("{\"cod_contrato\": ")
        .int(number)
        .raw(", \"cod_parcela\": ")
        .int(number)
        .padded(at, 3);
    text.raw(", \"cod_condicao\": 117069, \"cod_serie\": 245351, \"status_parcela\": ");
    text.text(Some(parcela.status)).raw(", \"data_status\": ");
    text.date(Some(series.contrato.registered))
        .raw(", \"tipo_parcela\": ");
    text.text(Some(parcela.tipo))
        .raw(", \"sequencia\": \"")
        .padded(parcela.number, 3)
        .raw("/");
    text.padded(parcela.of, 3)
        .raw("\", \"data_vencimento\": ")
        .date(due);
    text.raw(", \"data_movimento\": ")
        .date(due)
        .raw(", \"vlr_original\": ");
    match parcela.original {
        Some(centavos) => text.money(centavos),
        None => text.raw("null"),
    };
    text.raw(", \"vlr_corrigido\": ").money(parcela.corrigido);
    text.raw(
        ", \"vlr_multa\": 0, \"vlr_atraso\": 0, \"vlr_juros\": 0, \"vlr_desconto\": 0, \
         \"vlr_taxas\": 0, \"vlr_pago\": ",
    );
    text.money(paid.unwrap_or(0))
        .raw(", \"data_baixa\": ")
        .date(paid_on);
    text.raw(", \"receita_pgto\": ")
        .text(paid_on.map(|_| "Bloqueto Bancario"));
    text.raw(", \"situacao\": ").text(Some(parcela.situacao));
    text.raw(", \"vlr_presente\": ").money(parcela.presente);
    text.raw(
        ", \"vlr_residuoagerar\": 0, \"vlr_residuo_anual\": 0, \"rescob_re_correcaocobrada\": 0, \
         \"vlr_residuo_cobranca\": 0, \"receita_parcela\": \"Carteira\", \
         \"parcela_contratual\": \"Sim\", \"parcela_termo\": \"Não\", \
         \"parcela_processo\": \"Contrato\", \"vlr_jurosreneg\": 0, \"vlr_correcaomonetaria\": 0, \
         \"data_vigenciacorrecao\": null, \"vlr_residuo_cobrado\": 0, \"parcela_origem\": ",
    );
    text.text(Some(parcela.origem))
        .raw(", \"nosso_numero\": \"")
        .padded(at, 10);
    text.raw("\", \"data_Venc_boleto\": ").date(due);
    text.raw(
        ", \"nome_banco\": \"BANCO SINTÉTICO 155114-0\", \"agencia\": \"0001-7\", \
         \"conta_corrente\": \"155114      -0\", \"motivo_inativacao\": null}",
    );
}
