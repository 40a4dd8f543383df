//! `estatisticas_portfolio`: present value, loan to value, mean term and duration.

use std::collections::BTreeMap;

use serde_json::{Value, json};
use shared::mega::{Contrato, Parcela};
use shared::money::{Amount, Money};
use shared::tables::PortfolioRow;

use super::calendar::{Calendar, Day, Frame, day};

/// Yearly growth by which the duration discounts: 10 % a year.
const YEARLY_FACTOR: f64 = 1.10;
/// Days of a year, for the duration and its look-back.
const YEAR_DAYS: Day = 365;

/// What the parcelas give.
#[derive(Debug, Clone, Default)]
pub struct Portfolio {
    vp: Amount,
    /// What is still to be paid, by due date.
    saldos: BTreeMap<Day, Amount>,
    /// n of "k/n" of the first mensal parcela, in the order received.
    mensal_of: Option<u32>,
}

impl Portfolio {
    pub fn add(&mut self, parcela: &Parcela) {
        self.vp += parcela.vlr_presente;
        self.mensal_of = self.mensal_of.or(parcela.mensal_of);
        let saldo = parcela.vlr_corrigido - parcela.vlr_pago;
        if let Some(due) = parcela.data_vencimento.filter(|_| saldo.is_positive()) {
            *self.saldos.entry(day(due)).or_default() += saldo;
        }
    }

    /// The first mensal parcela's n; a fold of many contratos has none.
    pub fn take_mensal_of(&mut self) -> Option<u32> {
        self.mensal_of.take()
    }

    pub fn merge(&mut self, other: Self) {
        self.vp += other.vp;
        for (due, saldo) in other.saldos {
            *self.saldos.entry(due).or_default() += saldo;
        }
    }

    /// A row for every month.
    pub fn rows(&self, calendar: &Calendar, contratos: &ContratoFigures) -> Vec<PortfolioRow> {
        let details = contratos.details(calendar);
        calendar
            .frames()
            .iter()
            .map(|frame| self.row(frame, contratos, &details))
            .collect()
    }

    fn row(&self, frame: &Frame, contratos: &ContratoFigures, details: &Value) -> PortfolioRow {
        PortfolioRow {
            ref_month: frame.month,
            vp: self.vp.round(),
            // Hundredths of a per cent.
            ltv: Money::from_centavos(self.vp.ratio(contratos.valor, 4)),
            prazo_medio_tenths: contratos.prazo_weighted.ratio(contratos.prazo_valor, 1),
            duration_hundredths: (self.duration(frame.last_day) * 100.0).round_ties_even() as i64,
            total_contracts: contratos.total,
            active_contracts: contratos.active,
            details: details.clone(),
        }
    }

    /// Macaulay duration at a day, in years; 0 when nothing is outstanding.
    fn duration(&self, at: Day) -> f64 {
        let (mut weighted, mut present) = (0.0, 0.0);
        for (due, saldo) in self.saldos.range(at - YEAR_DAYS..) {
            let years = f64::from(due - at) / f64::from(YEAR_DAYS);
            let value = saldo.to_f64() / YEARLY_FACTOR.powf(years);
            weighted += years * value;
            present += value;
        }
        if present > 0.0 {
            weighted / present
        } else {
            0.0
        }
    }
}

/// What the contratos themselves give.
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
