//! What a job works on.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use super::id::{EmpreendimentoId, IdError};

/// What a job works on: one empreendimento, or the payables of all filiais.
///
/// As text, `1471` or `saidas-caixa`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Target {
    /// Contratos and parcelas of one empreendimento.
    Empreendimento(EmpreendimentoId),
    /// Faturas a pagar, and the cash out they make.
    SaidasCaixa,
}

/// How [`Target::SaidasCaixa`] is written.
const SAIDAS_CAIXA: &str = "saidas-caixa";

impl Target {
    /// The empreendimento, when the target is one.
    pub const fn empreendimento(self) -> Option<EmpreendimentoId> {
        match self {
            Self::Empreendimento(id) => Some(id),
            Self::SaidasCaixa => None,
        }
    }
}

impl fmt::Display for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Empreendimento(id) => id.fmt(f),
            Self::SaidasCaixa => f.write_str(SAIDAS_CAIXA),
        }
    }
}

impl FromStr for Target {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        match text {
            SAIDAS_CAIXA => Ok(Self::SaidasCaixa),
            _ => text.parse().map(Self::Empreendimento),
        }
    }
}

impl TryFrom<String> for Target {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<Target> for String {
    fn from(target: Target) -> String {
        target.to_string()
    }
}
