//! The account of an attempt: what it read from the ERP, and where every record and amount went.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::money::Amount;

/// What one attempt read, and what became of it. Kept in the ledger with the attempt and the job.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// Contratos of the empreendimento that the ERP listed.
    pub contratos_listed: u64,
    /// Contratos whose parcelas arrived.
    pub contratos_fetched: u64,
    /// Parcelas, or faturas, the ERP sent.
    pub records_read: u64,
    /// Records that count, even where no figure uses them.
    pub records_counted: u64,
    /// Parcelas or faturas rejected, by reason.
    pub rejected: BTreeMap<String, Tally>,
    /// Other facts that a person should know, by name, such as repeated faturas.
    pub noted: BTreeMap<String, Tally>,
    /// Where each amount read went, by measure.
    pub balances: BTreeMap<String, Balance>,
}

/// A number of records and their amount.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tally {
    /// Records.
    pub count: u64,
    /// Reais, where readable.
    pub amount: Amount,
}

impl Tally {
    /// Adds a record.
    pub fn add(&mut self, amount: Amount) {
        self.count += 1;
        self.amount += amount;
    }

    /// Adds another's records.
    pub fn merge(&mut self, other: Self) {
        self.count += other.count;
        self.amount += other.amount;
    }
}

/// Where the amounts of one measure went. Everything is exact: no rounding, no tolerance.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    /// Sum over every record whose amount could be read, taken before any rule is applied.
    pub source: Amount,
    /// Sum over the cells of the tables, before each is rounded to centavos.
    pub published: Amount,
    /// Left out by a rule: inactive, unpaid, without a due date.
    pub not_counted: Amount,
    /// Counted, but in a month outside the run's.
    pub outside_window: Amount,
    /// Rejected with the record it stood in.
    pub rejected: Amount,
    /// Paid on an unknown date or by an unknown amount, so that its month is unknown.
    #[serde(default)]
    pub unplaced: Amount,
}

impl Balance {
    /// The amount whose place is known: published, or left out by a rule.
    pub fn accounted(&self) -> Amount {
        self.published + self.not_counted + self.outside_window + self.rejected + self.unplaced
    }

    /// Adds another's amounts.
    pub fn merge(&mut self, other: &Self) {
        self.source += other.source;
        self.published += other.published;
        self.not_counted += other.not_counted;
        self.outside_window += other.outside_window;
        self.rejected += other.rejected;
        self.unplaced += other.unplaced;
    }
}

impl Manifest {
    /// Records rejected, for any reason.
    pub fn records_rejected(&self) -> u64 {
        self.rejected.values().map(|tally| tally.count).sum()
    }

    /// Adds another job's manifest, for the total of a run.
    pub fn merge(&mut self, other: &Self) {
        self.contratos_listed += other.contratos_listed;
        self.contratos_fetched += other.contratos_fetched;
        self.records_read += other.records_read;
        self.records_counted += other.records_counted;
        for (reason, tally) in &other.rejected {
            self.rejected
                .entry(reason.clone())
                .or_default()
                .merge(*tally);
        }
        for (fact, tally) in &other.noted {
            self.noted.entry(fact.clone()).or_default().merge(*tally);
        }
        for (measure, balance) in &other.balances {
            self.balances
                .entry(measure.clone())
                .or_default()
                .merge(balance);
        }
    }
}

/// The reason most records were rejected for; empty when none was.
pub fn main_reason(rejected: &BTreeMap<String, Tally>) -> String {
    let most = rejected.iter().max_by_key(|(_, tally)| tally.count);
    most.map(|(reason, _)| reason.clone()).unwrap_or_default()
}
