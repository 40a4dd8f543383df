//! Control totals: what the ERP itself gives as a total, held against what was read. They are asked
//! for after the records, and a job does without those that the ERP does not give.

use std::fmt;
use std::sync::Arc;

use domain::checks::MOST_SAMPLES;
use domain::job::{JobMessage, RunParams};
use domain::manifest::Tally;
use domain::money::Money;
use domain::records::{Fatura, Record};
use domain::tables::FaturaKey;
use mega::{MegaClient, MegaError};
use tracing::warn;

use super::periods;

/// A total of the ERP's own, and what came of it. Its text has codes and amounts, and no personal
/// data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Control {
    /// What it is the total of.
    pub of: &'static str,
    /// What came of it.
    pub outcome: ControlOutcome,
}

/// What came of a control total.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ControlOutcome {
    /// The run is without it, and why.
    LeftOut(&'static str),
    /// The ERP did not give it: what the call met.
    NotGiven(String),
    /// The ERP gave it.
    Compared(Comparison),
}

/// Records that were read, beside those that the ERP's own list has.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Comparison {
    /// Those read that the list should have, with what is open of them.
    pub read: Tally,
    /// Those that the list has, with what is open of them.
    pub listed: Tally,
    /// Those that only one of them has, or each with another amount.
    pub differing: u64,
    /// The first of these, by their codes.
    pub samples: Vec<String>,
}

impl Control {
    /// Whether it is as expected: it agrees, or the run is without it.
    pub fn is_in_order(&self) -> bool {
        match &self.outcome {
            ControlOutcome::LeftOut(_) => true,
            ControlOutcome::NotGiven(_) => false,
            ControlOutcome::Compared(comparison) => comparison.differing == 0,
        }
    }

    /// Codes of records that differ.
    pub fn samples(&self) -> &[String] {
        match &self.outcome {
            ControlOutcome::Compared(comparison) => &comparison.samples,
            ControlOutcome::LeftOut(_) | ControlOutcome::NotGiven(_) => &[],
        }
    }
}

impl fmt::Display for Control {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let of = self.of;
        match &self.outcome {
            ControlOutcome::LeftOut(why) => write!(f, "not asked: {of} ({why})"),
            ControlOutcome::NotGiven(why) => write!(f, "not asked: {of} ({why})"),
            ControlOutcome::Compared(comparison) => {
                let Comparison { read, listed, .. } = comparison;
                write!(
                    f,
                    "{of}: R$ {} open in {} faturas read, R$ {} in {} of the ERP's own list",
                    read.amount, read.count, listed.amount, listed.count
                )?;
                match comparison.differing {
                    0 => Ok(()),
                    1 => write!(f, "; 1 fatura differs"),
                    many => write!(f, "; {many} faturas differ"),
                }
            }
        }
    }
}

/// Holds the faturas that were read, by period and in the order of their keys, against the ERP's own
/// list of the open ones. They stay as they are.
pub async fn open_payables(
    mega: &MegaClient,
    job: &JobMessage,
    by_period: &mut [Vec<Fatura>],
) -> Control {
    let outcome = if job.payables.no_control {
        ControlOutcome::LeftOut("--no-control")
    } else if !job.payables.filiais.is_empty() {
        ControlOutcome::LeftOut("the ERP lists them for all filiais at once")
    } else {
        match compare(mega, &job.params, by_period).await {
            Ok(comparison) => ControlOutcome::Compared(comparison),
            Err(error) => {
                warn!(%error, "going on without the control total of open payables");
                ControlOutcome::NotGiven(error.to_string())
            }
        }
    };
    Control {
        of: "payables",
        outcome,
    }
}

/// The first period that the ERP does not answer for ends the comparison: a part is no total.
async fn compare(
    mega: &MegaClient,
    params: &RunParams,
    by_period: &mut [Vec<Fatura>],
) -> Result<Comparison, MegaError> {
    let mut whole = Comparison::default();
    let periods = periods(params.start_date, params.end_date);
    for ((start, end), rows) in periods.zip(by_period) {
        // Shared with each try of the call, and not copied: they are most of a job's memory.
        let read = Arc::new(std::mem::take(rows));
        let empty = || OpenList::beside(&read);
        let answer = mega
            .faturas_em_aberto(start, end, empty, OpenList::add)
            .await;
        let compared = answer.map(OpenList::finish);
        *rows = Arc::unwrap_or_clone(read);
        whole.merge(compared?);
    }
    Ok(whole)
}

/// The ERP's list of the open faturas of a period, as it arrives beside those read.
struct OpenList {
    /// In the order of their keys, each once.
    read: Arc<Vec<Fatura>>,
    /// Which of them have come, each at its place in `read`.
    has_come: Vec<bool>,
    comparison: Comparison,
}

impl OpenList {
    fn beside(read: &Arc<Vec<Fatura>>) -> Self {
        Self {
            read: Arc::clone(read),
            has_come: vec![false; read.len()],
            comparison: Comparison::default(),
        }
    }

    fn add(&mut self, record: Record<Fatura>) {
        // One that cannot be read is not among those read either.
        if let Record::Read(fatura) = record
            && fatura.saldo_atual > Money::ZERO
        {
            self.list(&fatura);
        }
    }

    fn list(&mut self, fatura: &Fatura) {
        let mut saldo_read = None;
        if let Ok(place) = self.read.binary_search_by(|row| row.key.cmp(&fatura.key)) {
            // The first listed counts, as among those read.
            if std::mem::replace(&mut self.has_come[place], true) {
                return;
            }
            saldo_read = Some(self.read[place].saldo_atual);
        }
        self.comparison.listed.add(fatura.saldo_atual.into());
        if saldo_read != Some(fatura.saldo_atual) {
            self.comparison.differs(&fatura.key);
        }
    }

    /// The comparison, once the list is whole.
    fn finish(self) -> Comparison {
        let Self {
            read,
            has_come,
            mut comparison,
        } = self;
        for (row, has_come) in read.iter().zip(has_come) {
            if row.saldo_atual > Money::ZERO {
                comparison.read.add(row.saldo_atual.into());
                if !has_come {
                    comparison.differs(&row.key);
                }
            }
        }
        comparison
    }
}

impl Comparison {
    fn differs(&mut self, key: &FaturaKey) {
        self.differing += 1;
        if self.samples.len() < MOST_SAMPLES {
            let FaturaKey {
                filial_id,
                numero_ap,
                numero_parcela,
                ..
            } = key;
            let sample = format!("AP {numero_ap} parcela {numero_parcela} of filial {filial_id}");
            self.samples.push(sample);
        }
    }

    fn merge(&mut self, other: Self) {
        self.read.merge(other.read);
        self.listed.merge(other.listed);
        self.differing += other.differing;
        let room = MOST_SAMPLES.saturating_sub(self.samples.len());
        self.samples.extend(other.samples.into_iter().take(room));
    }
}

#[cfg(test)]
mod tests;
