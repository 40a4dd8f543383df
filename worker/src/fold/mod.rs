//! From parcelas to figures: pure, exact, one pass.
//!
//! Each contrato is folded by itself as its answer is parsed ([`ContratoFold`]), and the small
//! result added to its empreendimento's ([`EmpreendimentoFold`]). What is kept grows with the
//! months of the run and the distinct due dates, never with the number of parcelas.

mod calendar;
mod cash_in;
mod delinquency;
mod ipca;
mod portfolio;

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use shared::job::{ContratoId, RunParams};
use shared::manifest::{Manifest, Tally, main_reason};
use shared::mega::{Contrato, Parcela, Record, Rejection};
use shared::money::Amount;
use shared::tables::{ContratoRow, EmpreendimentoResult};

use self::calendar::Calendar;
use self::cash_in::CashIn;
use self::delinquency::Delinquency;
pub use self::ipca::Ipca;
use self::portfolio::{ContratoFigures, Portfolio};

/// Measure of what is due: Σ value of every parcela.
const FORECAST: &str = "forecast";
/// Measure of what was paid.
const ACTUAL: &str = "actual";

/// What the manifest calls a parcela that counts for `vp` alone.
const WITHOUT_DUE_DATE: &str = "parcela without data_vencimento";
/// What the manifest calls a contrato the ERP listed more than once.
const REPEATED_CONTRATO: &str = "contrato listed again";

/// The fold of parcelas, of one contrato or of many.
#[derive(Debug, Clone)]
pub struct ContratoFold {
    calendar: Arc<Calendar>,
    cash_in: CashIn,
    delinquency: Delinquency,
    portfolio: Portfolio,
    read: u64,
    counted: u64,
    rejected: BTreeMap<String, Tally>,
    without_due_date: Tally,
}

impl ContratoFold {
    fn new(calendar: &Arc<Calendar>) -> Self {
        Self {
            calendar: Arc::clone(calendar),
            cash_in: CashIn::new(calendar.len()),
            delinquency: Delinquency::new(calendar.len()),
            portfolio: Portfolio::default(),
            read: 0,
            counted: 0,
            rejected: BTreeMap::new(),
            without_due_date: Tally::default(),
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
            Record::Read(parcela) => {
                self.counted += 1;
                self.add_read(&parcela);
            }
            Record::Rejected(rejection) => {
                self.cash_in.reject(rejection.amount.unwrap_or_default());
                note_rejection(&mut self.rejected, rejection);
            }
        }
    }

    fn add_read(&mut self, parcela: &Parcela) {
        self.portfolio.add(parcela);
        self.cash_in.add(&self.calendar, parcela);
        match parcela.data_vencimento {
            Some(due) => self.delinquency.add(&self.calendar, parcela, due),
            None => self.without_due_date.add(parcela.valor),
        }
    }

    fn merge(&mut self, other: Self) {
        self.cash_in.merge(&other.cash_in);
        self.delinquency.merge(&other.delinquency);
        self.portfolio.merge(other.portfolio);
        self.read += other.read;
        self.counted += other.counted;
        for (reason, tally) in other.rejected {
            self.rejected.entry(reason).or_default().merge(tally);
        }
        self.without_due_date.merge(other.without_due_date);
    }
}

/// A contrato that has parcelas, of which none could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// How many it has.
    pub parcelas: u64,
    /// Why most were rejected.
    pub main_reason: String,
}

/// The fold of an empreendimento: its contratos as listed, and the folds of their parcelas.
#[derive(Debug)]
pub struct EmpreendimentoFold {
    calendar: Arc<Calendar>,
    ipca: Ipca,
    /// As listed; `None` where the code could be read and another field could not.
    contratos: BTreeMap<ContratoId, Option<Contrato>>,
    contrato_figures: ContratoFigures,
    parcelas: ContratoFold,
    fetched: u64,
    repeated: Tally,
}

impl EmpreendimentoFold {
    /// A fold for a run's window, with the indices that correct contract values.
    pub fn new(params: RunParams, ipca: Ipca) -> Self {
        let calendar = Arc::new(Calendar::new(params));
        Self {
            parcelas: ContratoFold::new(&calendar),
            calendar,
            ipca,
            contratos: BTreeMap::new(),
            contrato_figures: ContratoFigures::default(),
            fetched: 0,
            repeated: Tally::default(),
        }
    }

    /// Takes the contratos as listed. One listed again counts once.
    ///
    /// # Errors
    /// The reason, when one has no readable code: its parcelas could not be asked for, so nothing
    /// would be whole.
    pub fn list(&mut self, records: Vec<Record<Contrato>>) -> Result<(), String> {
        for record in records {
            let (id, contrato) = match record {
                Record::Read(contrato) => (contrato.id, Some(contrato)),
                Record::Rejected(rejection) => {
                    let code = rejection
                        .code
                        .and_then(|code| ContratoId::try_from(code).ok());
                    let id = code.ok_or_else(|| rejection.reason.clone())?;
                    note_rejection(&mut self.parcelas.rejected, rejection);
                    (id, None)
                }
            };
            match self.contratos.entry(id) {
                Entry::Vacant(entry) => drop(entry.insert(contrato)),
                Entry::Occupied(_) => {
                    self.repeated
                        .add(contrato.map(|contrato| contrato.valor).unwrap_or_default());
                }
            }
        }
        Ok(())
    }

    /// Whose parcelas to fetch: every contrato listed, even one with a rejected field, because its
    /// parcelas are part of the empreendimento.
    pub fn to_fetch(&self) -> Vec<ContratoId> {
        self.contratos.keys().copied().collect()
    }

    /// An empty fold for one contrato's parcelas.
    pub fn contrato_fold(&self) -> ContratoFold {
        ContratoFold::new(&self.calendar)
    }

    /// Adds a contrato's parcelas, all of which arrived.
    ///
    /// # Errors
    /// When there are parcelas and none of them could be read.
    pub fn add(&mut self, id: ContratoId, mut fold: ContratoFold) -> Result<(), Unreadable> {
        if fold.read > 0 && fold.counted == 0 {
            return Err(Unreadable {
                parcelas: fold.read,
                main_reason: main_reason(&fold.rejected),
            });
        }
        self.fetched += 1;
        let mensal_of = fold.portfolio.take_mensal_of();
        if let Some(Some(contrato)) = self.contratos.get(&id) {
            self.contrato_figures.add_prazo(contrato, mensal_of);
        }
        self.parcelas.merge(fold);
        Ok(())
    }

    /// The figures, and the proof of what they were made from.
    pub fn finish(mut self) -> EmpreendimentoResult {
        let contratos: Vec<ContratoRow> = self
            .contratos
            .values()
            .flatten()
            .map(|contrato| {
                let corrected = self.ipca.correct(contrato);
                self.contrato_figures.add(contrato, corrected);
                contrato_row(contrato, corrected)
            })
            .collect();
        let manifest = self.manifest();
        let ContratoFold {
            cash_in,
            delinquency,
            portfolio,
            ..
        } = &self.parcelas;
        // An empreendimento the ERP lists no contrato for has no figures, not zeros.
        let calendar = if self.contratos.is_empty() {
            &Calendar::empty()
        } else {
            &*self.calendar
        };
        EmpreendimentoResult {
            is_active: self.contrato_figures.active > 0,
            entradas: cash_in.rows(calendar),
            delinquency: delinquency.rows(calendar),
            portfolio: portfolio.rows(calendar, &self.contrato_figures),
            contratos,
            manifest,
        }
    }

    fn manifest(&self) -> Manifest {
        let parcelas = &self.parcelas;
        let noted = [
            (WITHOUT_DUE_DATE, parcelas.without_due_date),
            (REPEATED_CONTRATO, self.repeated),
        ];
        let balances = [
            (FORECAST, parcelas.cash_in.forecast_balance()),
            (ACTUAL, parcelas.cash_in.actual_balance()),
        ];
        Manifest {
            contratos_listed: self.contratos.len() as u64,
            contratos_fetched: self.fetched,
            records_read: parcelas.read,
            records_counted: parcelas.counted,
            rejected: parcelas.rejected.clone(),
            noted: noted
                .into_iter()
                .filter(|(_, tally)| tally.count > 0)
                .map(|(name, tally)| (name.to_owned(), tally))
                .collect(),
            balances: balances
                .map(|(name, balance)| (name.to_owned(), balance))
                .into(),
        }
    }
}

fn contrato_row(contrato: &Contrato, corrected: Option<Amount>) -> ContratoRow {
    ContratoRow {
        id: contrato.id,
        status: contrato.status.clone(),
        valor_contrato: contrato.valor.round(),
        valor_atualizado_ipca: corrected.map(Amount::round),
        data_assinatura: contrato.data_assinatura,
    }
}

fn note_rejection(rejected: &mut BTreeMap<String, Tally>, rejection: Rejection) {
    rejected
        .entry(rejection.reason)
        .or_default()
        .add(rejection.amount.unwrap_or_default());
}
