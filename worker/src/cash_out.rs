//! The other kind of job: the payables due in the run's window, and the cash out they make.

pub mod control;

use std::collections::BTreeMap;
use std::hash::{BuildHasher as _, RandomState};

use chrono::{Days, Months, NaiveDate};
use domain::job::{FilialId, JobMessage};
use domain::manifest::{Balance, Manifest, Tally};
use domain::money::Amount;
use domain::records::{Fatura, Record, Rejection};
use domain::tables::{FaturaKey, SaidasCaixaResult};
use hashbrown::HashTable;
use hashbrown::hash_table::Entry;
use mega::MegaClient;

use self::control::Control;
use crate::error::JobError;
use fold::Sampled;

/// Months of one question to the ERP, which refuses more than 24.
const PERIOD_MONTHS: u32 = 12;
/// Measures of the manifest: Σ `ValorParcela`, and Σ what is paid of it.
const ORCAMENTO: &str = "orcamento";
const REALIZADO: &str = "realizado";
/// What the manifest calls a fatura that came again, equal in every field.
const REPEATED: &str = "fatura listed again";
/// What the manifest calls one that came again with another balance; the first counts.
const REPEATED_OTHERWISE: &str = "fatura listed again with another saldo or prorrogado";

/// What the payables give: the rows to publish, and what the checks judge.
#[derive(Debug, Clone, PartialEq)]
pub struct CashOut {
    /// The rows, and the account of what they were made from.
    pub result: SaidasCaixaResult,
    /// What is not quite right.
    pub findings: FaturaFindings,
    /// What the ERP itself gives as totals.
    pub controls: Vec<Control>,
}

/// What the faturas have that is not quite right.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct FaturaFindings {
    /// Periods asked for, all of which were answered.
    pub periods: u64,
    /// Rejected, by NumeroAP.
    pub rejected: Sampled,
    /// Repeated in every field: counted once.
    pub repeated: Sampled,
    /// Repeated with another balance: the first counts.
    pub repeated_otherwise: Sampled,
}

/// Fetches the payables due in a run's window, of all filiais at once or of each that is asked for,
/// and then the ERP's own totals of them.
///
/// # Errors
/// When a call failed for good. A total that the ERP does not give is no error.
pub async fn faturas(mega: &MegaClient, job: &JobMessage) -> Result<CashOut, JobError> {
    let mut filiais: Vec<_> = job.payables.filiais.iter().copied().map(Some).collect();
    if filiais.is_empty() {
        filiais.push(None);
    }
    let mut all = Faturas::default();
    for filial in filiais {
        for (start, end) in periods(job.params.start_date, job.params.end_date) {
            let empty = || Period::new(filial, start, end);
            let answer = mega.faturas(filial, start, end, empty, Period::add).await;
            all.add(answer.map_err(|source| JobError::Mega {
                contrato: None,
                source,
            })?);
        }
    }
    let mut cash_out = all.finish();
    let open = control::open_payables(mega, job, &mut cash_out.result.faturas).await;
    cash_out.controls.push(open);
    Ok(cash_out)
}

/// The window in periods of at most [`PERIOD_MONTHS`], first to last.
fn periods(start: NaiveDate, end: NaiveDate) -> impl Iterator<Item = (NaiveDate, NaiveDate)> {
    let next = move |from: NaiveDate| from + Months::new(PERIOD_MONTHS);
    std::iter::successors(Some(start), move |from| Some(next(*from)))
        .take_while(move |from| *from <= end)
        .map(move |from| (from, end.min(next(from) - Days::new(1))))
}

/// Those due in one period, as they arrive.
struct Period {
    /// The filial that was asked for alone.
    filial: Option<FilialId>,
    start: NaiveDate,
    end: NaiveDate,
    /// Each identity once, as first listed.
    rows: Vec<Fatura>,
    /// Where in `rows` an identity is.
    places: HashTable<usize>,
    hasher: RandomState,
    seen: Seen,
}

/// What was read, and what became of it.
#[derive(Default)]
struct Seen {
    read: u64,
    /// Amount of all that was read, whatever became of it.
    source: Amount,
    /// What is paid of those that could be read.
    paid: Amount,
    /// The same of those that came before.
    paid_before: Amount,
    rejected: BTreeMap<String, Tally>,
    findings: FaturaFindings,
}

/// Those of all periods.
#[derive(Default)]
struct Faturas {
    by_period: Vec<Vec<Fatura>>,
    seen: Seen,
}

impl Period {
    fn new(filial: Option<FilialId>, start: NaiveDate, end: NaiveDate) -> Self {
        Self {
            filial,
            start,
            end,
            rows: Vec::new(),
            places: HashTable::new(),
            hasher: RandomState::new(),
            seen: Seen::default(),
        }
    }

    fn add(&mut self, record: Record<Fatura>) {
        self.seen.read += 1;
        match record {
            Record::Read(fatura) => match self.misplaced(&fatura.key) {
                None => self.keep(fatura),
                Some(reason) => self.seen.reject(Rejection {
                    code: None,
                    reason: reason.to_owned(),
                    amount: Some(fatura.key.valor_parcela.into()),
                }),
            },
            Record::Rejected(rejection) => self.seen.reject(rejection),
        }
    }

    /// Why a fatura does not belong here; one from outside would never be replaced again.
    fn misplaced(&self, key: &FaturaKey) -> Option<&'static str> {
        if !(self.start..=self.end).contains(&key.data_vencimento) {
            return Some("DataVencimento: outside the period asked for");
        }
        let is_another = self.filial.is_some_and(|filial| filial != key.filial_id);
        is_another.then_some("Filial.Id: another than asked for")
    }

    fn keep(&mut self, fatura: Fatura) {
        let (rows, seen) = (&mut self.rows, &mut self.seen);
        let value = fatura.key.valor_parcela.into();
        seen.source += value;
        seen.paid += paid(&fatura);
        let hash = |fatura: &Fatura| self.hasher.hash_one(&fatura.key);
        let place = self.places.entry(
            hash(&fatura),
            |place| rows[*place].key == fatura.key,
            |place| hash(&rows[*place]),
        );
        match place {
            Entry::Vacant(place) => {
                place.insert(rows.len());
                rows.push(fatura);
            }
            Entry::Occupied(first) => {
                seen.paid_before += paid(&fatura);
                let equal = rows[*first.get()] == fatura;
                let FaturaFindings {
                    repeated,
                    repeated_otherwise,
                    ..
                } = &mut seen.findings;
                let repeated = if equal { repeated } else { repeated_otherwise };
                repeated.add(value, format!("AP {}", fatura.key.numero_ap));
            }
        }
    }
}

/// What is paid of a fatura.
fn paid(fatura: &Fatura) -> Amount {
    let paid = Amount::from(fatura.key.valor_parcela) - Amount::from(fatura.saldo_atual);
    paid.max(Amount::ZERO)
}

impl Seen {
    fn reject(&mut self, rejection: Rejection) {
        let amount = rejection.amount.unwrap_or_default();
        self.source += amount;
        let ap = rejection.code.map(|code| format!("AP {code}"));
        let ap = ap.unwrap_or_else(|| "without a readable NumeroAP".to_owned());
        self.findings.rejected.add(amount, ap);
        self.rejected
            .entry(rejection.reason)
            .or_default()
            .add(amount);
    }

    fn merge(&mut self, other: Self) {
        self.read += other.read;
        self.source += other.source;
        self.paid += other.paid;
        self.paid_before += other.paid_before;
        for (reason, tally) in other.rejected {
            self.rejected.entry(reason).or_default().merge(tally);
        }
        let (ours, theirs) = (&mut self.findings, other.findings);
        ours.rejected.merge(theirs.rejected);
        ours.repeated.merge(theirs.repeated);
        ours.repeated_otherwise.merge(theirs.repeated_otherwise);
    }
}

impl Faturas {
    /// Takes in another period or filial: its identities, which hold both, are others.
    fn add(&mut self, period: Period) {
        let Period { mut rows, seen, .. } = period;
        rows.shrink_to_fit();
        // In the order of the primary key they are inserted in two thirds of the time.
        rows.sort_unstable_by(|a, b| a.key.cmp(&b.key));
        self.by_period.push(rows);
        self.seen.merge(seen);
        self.seen.findings.periods += 1;
    }

    fn finish(self) -> CashOut {
        let Self { by_period, seen } = self;
        let findings = seen.findings;
        let rows = || by_period.iter().flatten();
        let repeated = findings.repeated.tally.amount + findings.repeated_otherwise.tally.amount;
        let orcamento = Balance {
            source: seen.source,
            published: rows()
                .map(|fatura| Amount::from(fatura.key.valor_parcela))
                .sum(),
            not_counted: repeated,
            rejected: findings.rejected.tally.amount,
            ..Balance::default()
        };
        let realizado = Balance {
            source: seen.paid,
            published: rows().map(paid).sum(),
            not_counted: seen.paid_before,
            ..Balance::default()
        };
        let noted = [
            (REPEATED, &findings.repeated),
            (REPEATED_OTHERWISE, &findings.repeated_otherwise),
        ];
        let manifest = Manifest {
            records_read: seen.read,
            records_counted: by_period.iter().map(|rows| rows.len() as u64).sum(),
            rejected: seen.rejected,
            noted: noted
                .into_iter()
                .filter(|(_, sampled)| sampled.tally.count > 0)
                .map(|(name, sampled)| (name.to_owned(), sampled.tally))
                .collect(),
            balances: [
                (ORCAMENTO.to_owned(), orcamento),
                (REALIZADO.to_owned(), realizado),
            ]
            .into(),
            ..Manifest::default()
        };
        CashOut {
            result: SaidasCaixaResult {
                faturas: by_period,
                manifest,
            },
            findings,
            controls: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests;
