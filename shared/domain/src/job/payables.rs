//! How the payables of a run are asked for and dated.

use serde::{Deserialize, Serialize};

use super::id::FilialId;

/// What a run does about payables; a job of an empreendimento has nothing of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payables {
    /// Only these filiais, each asked for by itself; all of them when empty.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub filiais: Vec<FilialId>,
    /// The day of payment of a fatura that is settled when it is seen first.
    #[serde(default)]
    pub baixa: Baixa,
    /// Whether the ERP's own list of what is still open is left unasked: one call less a period.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_control: bool,
}

/// Which day of a fatura counts as its day of payment when it is settled before it was ever seen.
#[derive(
    Debug,
    Clone,
    Copy,
    Default,
    PartialEq,
    Eq,
    Serialize,
    Deserialize,
    strum::EnumString,
    strum::Display,
    strum::VariantNames,
)]
#[serde(rename_all = "lowercase")]
#[strum(serialize_all = "lowercase")]
pub enum Baixa {
    /// `DataVencimento`.
    #[default]
    Vencimento,
    /// `DataProrrogado` where there is one: at some tenants the ERP writes the payment's day there.
    Prorrogado,
}

impl Payables {
    /// Whether a job with these replaces the payables of a filial.
    pub fn include(&self, filial: FilialId) -> bool {
        self.filiais.is_empty() || self.filiais.contains(&filial)
    }

    /// Whether this is what a message says that does not mention payables.
    pub fn is_default(&self) -> bool {
        *self == Self::default()
    }

    /// Whether a build that knows of no payables does the same without reading these: it asks for no
    /// control total anyway.
    pub(super) fn may_be_overlooked(&self) -> bool {
        let Self {
            filiais,
            baixa,
            no_control: _,
        } = self;
        filiais.is_empty() && *baixa == Baixa::default()
    }
}
