//! Targets in a statement's parameters and rows.

use std::fmt::Display;

use domain::job::{EmpreendimentoId, Target};

use super::row::row;
use super::text;
use crate::error::Failure;

row! {
    /// A target alone.
    pub struct TargetRow {
        target: String,
    }
}

impl TargetRow {
    pub fn into_target(self) -> Result<Target, Failure> {
        text::target(&self.target)
    }
}

/// The empreendimentos among the targets of some rows.
pub fn empreendimentos(rows: Vec<TargetRow>) -> Result<Vec<EmpreendimentoId>, Failure> {
    rows.into_iter()
        .filter_map(|row| row.into_target().map(Target::empreendimento).transpose())
        .collect()
}

/// Targets or codes as one text, `,1400,1403,`, because neither database has the other's lists; one
/// comma when there are none. Each is a number or a word, without a comma or a wildcard.
pub fn listed<T: Display>(items: &[T]) -> String {
    let mut listed = ",".to_owned();
    for item in items {
        listed += &format!("{item},");
    }
    listed
}
