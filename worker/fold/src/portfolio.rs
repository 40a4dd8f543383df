//! `estatisticas_portfolio`: present value, loan to value, mean term and duration.

use domain::money::{Amount, Money};
use domain::records::{Contrato, Parcela};
use domain::tables::PortfolioRow;
use serde_json::{Value, json};

use super::calendar::{Calendar, Day, Frame, day};

/// Yearly growth by which the duration discounts: 10 % a year.
const YEARLY_FACTOR: f64 = 1.10;
/// Days of a year, for the duration and its look-back.
const YEAR_DAYS: Day = 365;

/// The sums over parcelas.
#[derive(Debug, Clone, Default)]
pub struct Portfolio {
    vp: Amount,
    /// Σ present value of repeated parcelas.
    vp_repeated: Amount,
    saldos: Saldos,
    /// n of "k/n" of the first mensal parcela, in the order received.
    mensal_of: Option<u32>,
}

impl Portfolio {
    pub fn add(&mut self, parcela: &Parcela) {
        self.vp += parcela.vlr_presente;
        self.mensal_of = self.mensal_of.or(parcela.mensal_of);
        let saldo = parcela.vlr_corrigido - parcela.vlr_pago;
        if let Some(due) = parcela.data_vencimento.filter(|_| saldo.is_positive()) {
            self.saldos.add(day(due), saldo);
        }
    }

    /// Adds a repeated parcela, which does not count.
    pub fn add_repeated(&mut self, parcela: &Parcela) {
        self.vp_repeated += parcela.vlr_presente;
    }

    /// Σ present value.
    pub fn vp(&self) -> Amount {
        self.vp
    }

    /// Σ present value of repeated parcelas.
    pub fn vp_repeated(&self) -> Amount {
        self.vp_repeated
    }

    /// Takes the n of the first mensal parcela, which is a figure of one contrato alone.
    pub fn take_mensal_of(&mut self) -> Option<u32> {
        self.mensal_of.take()
    }

    pub fn merge(&mut self, other: Self) {
        self.vp += other.vp;
        self.vp_repeated += other.vp_repeated;
        self.saldos.merge(&other.saldos);
    }

    /// A row for every month.
    pub fn rows(&self, calendar: &Calendar, contratos: &ContratoFigures) -> Vec<PortfolioRow> {
        let details = contratos.details(calendar);
        let discounted = self.saldos.discounted();
        calendar
            .frames()
            .iter()
            .map(|frame| {
                let duration = discounted.duration(frame.last_day);
                self.row(frame, duration, contratos, &details)
            })
            .collect()
    }

    fn row(
        &self,
        frame: &Frame,
        duration: f64,
        contratos: &ContratoFigures,
        details: &Value,
    ) -> PortfolioRow {
        PortfolioRow {
            ref_month: frame.month,
            vp: self.vp.round(),
            // Hundredths of a per cent.
            ltv: Money::from_centavos(self.vp.ratio(contratos.valor, 4)),
            prazo_medio_tenths: contratos.prazo_weighted.ratio(contratos.prazo_valor, 1),
            duration_hundredths: (duration * 100.0).round_ties_even() as i64,
            total_contracts: contratos.total,
            active_contracts: contratos.active,
            details: details.clone(),
        }
    }
}

/// The amounts still to be paid, sorted by due date.
#[derive(Debug, Clone, Default)]
struct Saldos(Vec<(Day, Amount)>);

impl Saldos {
    fn add(&mut self, due: Day, saldo: Amount) {
        match self.0.last_mut() {
            Some((last, sum)) if *last == due => *sum += saldo,
            Some((last, _)) if *last > due => self.add_before_the_last(due, saldo),
            _ => self.0.push((due, saldo)),
        }
    }

    /// Rare, because the ERP nearly always lists parcelas by due date.
    fn add_before_the_last(&mut self, due: Day, saldo: Amount) {
        match self.0.binary_search_by_key(&due, |(day, _)| *day) {
            Ok(known) => self.0[known].1 += saldo,
            Err(place) => self.0.insert(place, (due, saldo)),
        }
    }

    fn merge(&mut self, other: &Self) {
        let known = self.0.len();
        let mut from = 0;
        for &(due, saldo) in &other.0 {
            from += earlier_than(due, &self.0[from..known]);
            match self.0[from..known].first_mut() {
                Some((day, sum)) if *day == due => *sum += saldo,
                _ => self.0.push((due, saldo)),
            }
        }
        if self.0.len() > known {
            // Both parts are sorted, so that the stable sort merges them in linear time.
            self.0.sort_by_key(|(day, _)| *day);
        }
    }

    /// Discounts every amount to the first due date. For another day all values change by the same
    /// factor, which leaves a mean weighted by them the same.
    fn discounted(&self) -> Discounted {
        let first = self.0.first().map_or(0, |(due, _)| *due);
        let value = |(due, saldo): &(Day, Amount)| {
            (
                *due,
                saldo.to_f64() / YEARLY_FACTOR.powf(years(due - first)),
            )
        };
        Discounted(self.0.iter().map(value).collect())
    }
}

/// The number of entries before a due date. It searches near the beginning first, because contratos
/// have similar due dates.
fn earlier_than(due: Day, saldos: &[(Day, Amount)]) -> usize {
    let mut end = 1;
    while saldos.get(end).is_some_and(|(day, _)| *day < due) {
        end *= 2;
    }
    let near = &saldos[end / 2..saldos.len().min(end + 1)];
    end / 2 + near.partition_point(|(day, _)| *day < due)
}

/// Present values of the amounts still to be paid, sorted by due date.
struct Discounted(Vec<(Day, f64)>);

impl Discounted {
    /// Macaulay duration at a day, in years; 0 when nothing is outstanding.
    fn duration(&self, at: Day) -> f64 {
        let from = self.0.partition_point(|(due, _)| *due < at - YEAR_DAYS);
        let (mut weighted, mut present) = (0.0, 0.0);
        for (due, value) in &self.0[from..] {
            weighted += years(due - at) * value;
            present += value;
        }
        if present > 0.0 {
            weighted / present
        } else {
            0.0
        }
    }
}

fn years(days: Day) -> f64 {
    f64::from(days) / f64::from(YEAR_DAYS)
}

/// The sums over contratos.
#[derive(Debug, Default)]
pub struct ContratoFigures {
    /// Contratos listed.
    pub total: i64,
    /// Contratos with an active status.
    pub active: i64,
    /// Active contratos whose value is corrected.
    corrected: i64,
    /// Σ value of active contratos, corrected where known.
    valor: Amount,
    /// Σ n × value over active contratos with a mensal parcela.
    prazo_weighted: Amount,
    /// Σ value over the same.
    prazo_valor: Amount,
}

impl ContratoFigures {
    pub fn add(&mut self, contrato: &Contrato, corrected: Option<Amount>) {
        self.total += 1;
        if contrato.is_active() {
            self.active += 1;
            self.corrected += i64::from(corrected.is_some());
            self.valor += corrected.unwrap_or(contrato.valor);
        }
    }

    /// Adds an active contrato's number of mensal parcelas, weighted by its nominal value.
    pub fn add_prazo(&mut self, contrato: &Contrato, mensal_of: Option<u32>) {
        if let Some(n) = mensal_of.filter(|_| contrato.is_active()) {
            self.prazo_weighted += contrato.valor.times(n);
            self.prazo_valor += contrato.valor;
        }
    }

    fn details(&self, calendar: &Calendar) -> Value {
        let base = match self.corrected {
            0 => "nominal",
            all if all == self.active => "ipca",
            _ => "ipca where known, else nominal",
        };
        json!({
            "vp_as_of": calendar.as_of,
            "ltv_base": base,
            "ltv_valor": self.valor.round(),
            "ipca_contracts": self.corrected,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    #[test]
    fn saldos_add_up_by_due_date_in_any_order() {
        fastrand::seed(7);
        for round in 0..200 {
            let mut expected = BTreeMap::new();
            let mut total = Saldos::default();
            for _ in 0..round % 7 {
                let mut contrato = Saldos::default();
                for _ in 0..fastrand::usize(..40) {
                    let (due, saldo) = (
                        fastrand::i32(..60),
                        Amount::from_centavos(fastrand::i64(1..99)),
                    );
                    contrato.add(due, saldo);
                    *expected.entry(due).or_default() += saldo;
                }
                total.merge(&contrato);
            }
            assert_eq!(total.0, expected.into_iter().collect::<Vec<_>>());
        }
    }
}
