//! How far a commit may write: newer stays.

use std::collections::BTreeSet;

use domain::job::Payables;
use domain::month::Month;
use domain::tables::FaturaKey;

/// What a commit may write, and what it leaves.
pub struct Scope {
    /// Months of an empreendimento, or due days of payables, that are this view's to write.
    pub written: Vec<String>,
    /// Those that a later view has written.
    pub kept: Vec<String>,
    /// Due days of single filiais that a later view of these alone has written.
    pub kept_of_filiais: BTreeSet<(i64, String)>,
    /// Whose payables are written.
    pub payables: Payables,
    /// No later view of the target was committed: its contratos and activity are this one's to say.
    pub latest: bool,
    /// A person has it overwrite what a later view has written.
    pub replace_newer: bool,
    /// The ERP's catalogue does not list the empreendimento any more.
    pub unlisted: bool,
}

impl Scope {
    /// The rows of the months that are written.
    pub fn of_months<'a, R>(&self, rows: &'a [R], month: fn(&R) -> Month) -> Vec<&'a R> {
        let written =
            |row: &&R| self.kept.is_empty() || !self.kept.contains(&month(row).to_string());
        rows.iter().filter(written).collect()
    }

    /// Whether a fatura is this view's to write.
    pub fn writes(&self, key: &FaturaKey) -> bool {
        let day = || key.data_vencimento.to_string();
        self.payables.include(key.filial_id)
            && (self.kept.is_empty() || self.kept.binary_search(&day()).is_err())
            && (self.kept_of_filiais.is_empty()
                || !self.kept_of_filiais.contains(&(key.filial_id.get(), day())))
    }

    /// The codes of the filiais whose payables are written; of all when empty.
    pub fn filiais(&self) -> Vec<i64> {
        self.payables.filiais.iter().map(|id| id.get()).collect()
    }

    /// What is left as a later view has it, in words.
    pub fn left(&self) -> Vec<String> {
        let of_filiais = self.kept_of_filiais.iter();
        let of_filiais = of_filiais.map(|(filial, day)| format!("{day} of filial {filial}"));
        self.kept.iter().cloned().chain(of_filiais).collect()
    }

    /// The months of the due days that are written, each once.
    pub fn months_of_days(&self) -> Vec<String> {
        let mut months: Vec<_> = self.written.iter().map(|day| day[..7].to_owned()).collect();
        months.dedup();
        months
    }
}
