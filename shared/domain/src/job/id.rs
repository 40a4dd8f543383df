//! The ERP's codes, as types of their own.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use thiserror::Error;

/// A text or number that is not a valid identifier.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[error("{text:?} is not {expected}")]
pub struct IdError {
    pub(super) text: String,
    pub(super) expected: &'static str,
}

macro_rules! erp_code {
    ($(#[$doc:meta])* $name:ident, $expected:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "i64", into = "i64")]
        pub struct $name(i64);

        impl $name {
            /// The ERP's number.
            pub const fn get(self) -> i64 {
                self.0
            }
        }

        impl TryFrom<i64> for $name {
            type Error = IdError;
            fn try_from(code: i64) -> Result<Self, IdError> {
                if code > 0 {
                    Ok(Self(code))
                } else {
                    Err(IdError { text: code.to_string(), expected: $expected })
                }
            }
        }

        impl From<$name> for i64 {
            fn from(id: $name) -> i64 {
                id.0
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.trim()
                    .parse::<i64>()
                    .ok()
                    .and_then(|code| Self::try_from(code).ok())
                    .ok_or_else(|| IdError { text: text.to_owned(), expected: $expected })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

erp_code!(
    /// The ERP's `codigo` of an empreendimento.
    EmpreendimentoId,
    "the code of an empreendimento, a whole number above 0"
);
erp_code!(
    /// The ERP's `cod_contrato`.
    ContratoId,
    "the code of a contrato, a whole number above 0"
);
erp_code!(
    /// The ERP's `codigoFilial`, or `Filial.Id` of a fatura.
    FilialId,
    "the code of a filial, a whole number above 0"
);
