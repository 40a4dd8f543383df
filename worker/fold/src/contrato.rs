//! The fold of parcelas, of one contrato or of many.

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::job::ContratoId;
use domain::manifest::{Balance, Tally};
use domain::money::Amount;
use domain::records::{Parcela, Record, Rejection};
use domain::tables::{ContratoMemory, Figure, Parts};

use super::calendar::Calendar;
use super::cash_in::CashIn;
use super::delinquency::Delinquency;
use super::findings::ParcelaFindings;
use super::portfolio::Portfolio;
use super::seen::{Occurrence, SeenParcelas};

/// The fold of parcelas.
#[derive(Debug, Clone)]
pub struct ContratoFold {
    calendar: Arc<Calendar>,
    seen: SeenParcelas,
    pub(super) cash_in: CashIn,
    pub(super) delinquency: Delinquency,
    pub(super) portfolio: Portfolio,
    pub(super) read: u64,
    pub(super) counted: u64,
    pub(super) rejected: BTreeMap<String, Tally>,
    pub(super) findings: ParcelaFindings,
}

impl ContratoFold {
    pub(super) fn new(calendar: &Arc<Calendar>) -> Self {
        Self {
            calendar: Arc::clone(calendar),
            seen: SeenParcelas::default(),
            cash_in: CashIn::new(calendar.len()),
            delinquency: Delinquency::new(calendar.len()),
            portfolio: Portfolio::default(),
            read: 0,
            counted: 0,
            rejected: BTreeMap::new(),
            findings: ParcelaFindings::default(),
        }
    }

    /// Parcelas added, readable or not.
    pub fn read(&self) -> u64 {
        self.read
    }

    /// Adds one parcela, or one that could not be read.
    pub fn add(&mut self, record: Record<Parcela>) {
        self.read += 1;
        match record {
            Record::Read(parcela) => self.add_read(&parcela),
            Record::Rejected(rejection) => self.reject(rejection),
        }
    }

    fn add_read(&mut self, parcela: &Parcela) {
        match self.seen.classify(parcela) {
            Occurrence::First => {}
            Occurrence::SameCode => self.findings.same_code.add(parcela.valor, parcela.code),
            Occurrence::Repeated => {
                self.findings.repeated.add(parcela.valor, parcela.code);
                self.cash_in.add_repeated(parcela);
                self.portfolio.add_repeated(parcela);
                return;
            }
        }
        self.counted += 1;
        self.portfolio.add(parcela);
        self.cash_in.add(&self.calendar, parcela);
        match parcela.data_vencimento {
            Some(due) => self.delinquency.add(&self.calendar, parcela, due),
            None => {
                let unplaced = &mut self.findings.without_due_date;
                unplaced.add(parcela.valor, parcela.code);
            }
        }
        if parcela.active && parcela.is_unplaced() {
            // The amount due stands for an unknown amount paid.
            let amount = match parcela.vlr_pago_missing {
                true => parcela.valor,
                false => parcela.vlr_pago,
            };
            self.findings.unplaced.add(amount, parcela.code);
        }
    }

    fn reject(&mut self, rejection: Rejection) {
        let amount = rejection.amount.unwrap_or_default();
        self.cash_in.reject(amount);
        let code = rejection.code.map(|code| code.to_string());
        let code = code.unwrap_or_else(|| "without a readable code".to_owned());
        self.findings.rejected.add(amount, code);
        self.rejected
            .entry(rejection.reason)
            .or_default()
            .add(amount);
    }

    /// What the contrato adds, with which its next fold is compared.
    pub(super) fn memory(&self, id: ContratoId) -> ContratoMemory {
        let repeated = self.findings.repeated.tally;
        ContratoMemory {
            id,
            parcelas: self.read - repeated.count,
            forecast: self.cash_in.forecast_balance().source - repeated.amount,
            vp: self.portfolio.vp(),
            parts: self.parts(),
        }
    }

    fn parts(&self) -> Parts {
        let mut parts = Parts::default();
        let Some(first) = self.calendar.frames().first().map(|frame| frame.month) else {
            return parts;
        };
        for figure in Figure::all() {
            match figure {
                Figure::Forecast(category) => {
                    parts.push(figure, first, self.cash_in.forecast(category));
                }
                Figure::Actual(category) => {
                    parts.push(figure, first, self.cash_in.actual(category));
                }
                Figure::Overdue(bucket) => {
                    parts.push(figure, first, self.delinquency.amounts(bucket));
                }
            }
        }
        parts
    }

    /// Adds the fold of another contrato.
    pub(super) fn merge(&mut self, id: ContratoId, other: Self) {
        self.cash_in.merge(&other.cash_in);
        self.delinquency.merge(&other.delinquency);
        self.portfolio.merge(other.portfolio);
        self.read += other.read;
        self.counted += other.counted;
        for (reason, tally) in other.rejected {
            self.rejected.entry(reason).or_default().merge(tally);
        }
        self.findings.merge(id, other.findings);
    }

    /// The balance of the present values; `read` is their sum as they arrived.
    pub(super) fn vp_balance(&self, read: Amount) -> Balance {
        Balance {
            source: read,
            published: self.portfolio.vp(),
            not_counted: self.portfolio.vp_repeated(),
            ..Balance::default()
        }
    }
}
