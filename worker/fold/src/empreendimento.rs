//! The fold of an empreendimento: its contratos as listed, and the folds of their parcelas.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::sync::Arc;

use domain::checks::{Check, CheckName};
use domain::job::{ContratoId, RunParams};
use domain::manifest::{Balance, Manifest, main_reason};
use domain::money::Amount;
use domain::records::{Contrato, ListedContrato, Record, Rejection};
use domain::tables::{ContratoMemory, ContratoRow, EmpreendimentoResult};

use super::calendar::Calendar;
use super::contrato::ContratoFold;
use super::findings::Findings;
use super::ipca::Ipca;
use super::portfolio::ContratoFigures;

/// Measures of the manifest: Σ value of every parcela, Σ paid, Σ present value, Σ contract value.
const FORECAST: &str = "forecast";
const ACTUAL: &str = "actual";
const VP: &str = "vp";
const VALOR_CONTRATO: &str = "valor_contrato";

/// The result of a fold: the rows to publish, and the findings for the checks.
#[derive(Debug, Clone, PartialEq)]
pub struct Folded {
    /// The rows and the manifest.
    pub result: EmpreendimentoResult,
    /// What the checks look at.
    pub findings: Findings,
}

/// The fold of an empreendimento.
#[derive(Debug)]
pub struct EmpreendimentoFold {
    calendar: Arc<Calendar>,
    ipca: Ipca,
    contratos: BTreeMap<ContratoId, Contrato>,
    contrato_figures: ContratoFigures,
    parcelas: ContratoFold,
    memory: Vec<ContratoMemory>,
    /// Σ present value of the parcelas as each contrato's arrived.
    vp_read: Amount,
    /// Σ value of the contratos as listed.
    valor_read: Amount,
    findings: Findings,
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
            memory: Vec::new(),
            vp_read: Amount::ZERO,
            valor_read: Amount::ZERO,
            findings: Findings::default(),
        }
    }

    /// Adds the contratos as listed. A repeated one counts once, and one of another empreendimento
    /// does not count.
    ///
    /// # Errors
    /// The failed check, when a contrato cannot be read: none may be left out by a rejection.
    pub fn list(&mut self, records: Vec<Record<ListedContrato>>) -> Result<(), Check> {
        self.findings.contratos = records.len() as u64;
        let mut unreadable = Vec::new();
        for record in records {
            match record {
                Record::Read(ListedContrato::Own(contrato)) => {
                    self.valor_read += contrato.valor;
                    self.add_contrato(contrato);
                }
                Record::Read(ListedContrato::Other { id, valor }) => {
                    let valor = valor.unwrap_or_default();
                    self.valor_read += valor;
                    self.findings.foreign.add(valor, id);
                }
                Record::Rejected(rejection) => unreadable.push(rejection),
            }
        }
        match unreadable.first() {
            None => Ok(()),
            Some(first) => Err(unreadable_contratos(first, &unreadable)),
        }
    }

    fn add_contrato(&mut self, contrato: Contrato) {
        match self.contratos.entry(contrato.id) {
            Entry::Vacant(free) => {
                if contrato.assinatura_unreadable {
                    let unreadable = &mut self.findings.assinatura_unreadable;
                    unreadable.add(contrato.valor, contrato.id);
                }
                free.insert(contrato);
            }
            Entry::Occupied(_) => {
                let repeated = &mut self.findings.contratos_repeated;
                repeated.add(contrato.valor, contrato.id);
            }
        }
    }

    /// The contratos whose parcelas to fetch.
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
    /// The failed check, when there are parcelas and none could be read. The whole contrato would be
    /// missing from the figures, even where its parcelas are few among all.
    pub fn add(&mut self, id: ContratoId, mut fold: ContratoFold) -> Result<(), Check> {
        if fold.read > 0 && fold.counted == 0 {
            let reason = main_reason(&fold.rejected);
            return Err(Check::failed(
                CheckName::ReadableParcelas,
                format!(
                    "contrato {id}: none of its {} parcelas can be read; mostly {reason}",
                    fold.read
                ),
                vec![field_of(&reason)],
            )
            .with_samples([id]));
        }
        let mensal_of = fold.portfolio.take_mensal_of();
        if let Some(contrato) = self.contratos.get(&id) {
            self.contrato_figures.add_prazo(contrato, mensal_of);
        }
        self.memory.push(fold.memory(id));
        self.vp_read += fold.portfolio.vp() + fold.portfolio.vp_repeated();
        self.parcelas.merge(id, fold);
        Ok(())
    }

    /// The figures, the manifest and the findings.
    pub fn finish(mut self) -> Folded {
        let contratos: Vec<ContratoRow> = self
            .contratos
            .values()
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
        // An empreendimento without contratos has no rows, rather than rows of zeros.
        let calendar = if self.contratos.is_empty() {
            &Calendar::empty()
        } else {
            &*self.calendar
        };
        let result = EmpreendimentoResult {
            is_active: self.contrato_figures.active > 0,
            entradas: cash_in.rows(calendar),
            delinquency: delinquency.rows(calendar),
            portfolio: portfolio.rows(calendar, &self.contrato_figures),
            contratos,
            memory: self.memory,
            manifest,
        };
        let mut findings = self.findings;
        findings.parcelas = self.parcelas.findings;
        Folded { result, findings }
    }

    fn manifest(&self) -> Manifest {
        let (parcelas, findings) = (&self.parcelas, &self.findings);
        let noted = [
            ("contrato of another empreendimento", &findings.foreign),
            ("contrato listed again", &findings.contratos_repeated),
            (
                "contrato with unreadable data_assinatura",
                &findings.assinatura_unreadable,
            ),
            ("parcela listed again", &parcelas.findings.repeated),
            (
                "parcela with the cod_parcela of another",
                &parcelas.findings.same_code,
            ),
            (
                "parcela without data_vencimento",
                &parcelas.findings.without_due_date,
            ),
            (
                "paid parcela without data_baixa or vlr_pago",
                &parcelas.findings.unplaced,
            ),
        ];
        let balances = [
            (FORECAST, parcelas.cash_in.forecast_balance()),
            (ACTUAL, parcelas.cash_in.actual_balance()),
            (VP, parcelas.vp_balance(self.vp_read)),
            (VALOR_CONTRATO, self.valor_balance()),
        ];
        Manifest {
            contratos_listed: self.contratos.len() as u64,
            contratos_fetched: self.memory.len() as u64,
            records_read: parcelas.read,
            records_counted: parcelas.counted,
            rejected: parcelas.rejected.clone(),
            noted: noted
                .into_iter()
                .filter(|(_, sampled)| sampled.tally.count > 0)
                .map(|(name, sampled)| (name.to_owned(), sampled.tally))
                .collect(),
            balances: balances
                .map(|(name, balance)| (name.to_owned(), balance))
                .into(),
        }
    }

    fn valor_balance(&self) -> Balance {
        let published = self.contratos.values().map(|contrato| contrato.valor).sum();
        let not_counted =
            self.findings.foreign.tally.amount + self.findings.contratos_repeated.tally.amount;
        Balance {
            source: self.valor_read,
            published,
            not_counted,
            ..Balance::default()
        }
    }
}

fn unreadable_contratos(first: &Rejection, all: &[Rejection]) -> Check {
    let named = |rejection: &Rejection| match rejection.code {
        Some(code) => format!("contrato {code}"),
        None => "a contrato".to_owned(),
    };
    Check::failed(
        CheckName::ReadableContratos,
        format!("{} cannot be read: {}", named(first), first.reason),
        vec![field_of(&first.reason)],
    )
    .with_samples(all.iter().map(named))
}

/// The field in a reason of the form "field: problem".
pub fn field_of(reason: &str) -> String {
    reason.split(':').next().unwrap_or_default().to_owned()
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
