//! The message that asks for one unit of work, and the identifiers in it.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use serde::{Deserialize, Serialize};
use thiserror::Error;

use crate::month::{Month, YEARS};

/// The version of [`JobMessage`] this build writes, and the newest it reads.
pub const SCHEMA_VERSION: u16 = 1;

/// A message larger than this is not one of ours.
const LARGEST_MESSAGE_BYTES: usize = 16 * 1024;

/// An identifier that is not what it should be.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[error("{text:?} is not {expected}")]
pub struct IdError {
    text: String,
    expected: &'static str,
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

/// A run's name, readable and unique: when it was enqueued in São Paulo, and six random letters.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct RunId(String);

impl RunId {
    /// A new name for a run enqueued at `now`.
    pub fn new(now: DateTime<Utc>) -> Self {
        let letters: String = std::iter::repeat_with(fastrand::lowercase)
            .take(6)
            .collect();
        let local = now.with_timezone(&chrono_tz::America::Sao_Paulo);
        Self(format!("{}-{letters}", local.format("%Y%m%d-%H%M%S")))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for RunId {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if (1..=40).contains(&text.len()) && text.chars().all(plain) {
            Ok(Self(text))
        } else {
            Err(IdError {
                text,
                expected: "a run, as `producer status` names it",
            })
        }
    }
}

impl FromStr for RunId {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        Self::try_from(text.to_owned())
    }
}

impl From<RunId> for String {
    fn from(id: RunId) -> String {
        id.0
    }
}

impl fmt::Display for RunId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

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

/// A run's parameters, fixed when it is enqueued, so that a retry after midnight computes the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunParams {
    /// First day of the window, included.
    pub start_date: NaiveDate,
    /// Last day of the window, included.
    pub end_date: NaiveDate,
    /// "Today" in America/Sao_Paulo when the run was enqueued.
    pub as_of: NaiveDate,
}

impl RunParams {
    /// Every month the window touches, whole and in order.
    pub fn months(&self) -> impl ExactSizeIterator<Item = Month> + Clone + use<> {
        Month::touched(self.start_date, self.end_date)
    }

    /// The first thing wrong with these dates, if anything is.
    pub fn problem(&self) -> Option<String> {
        let named = [
            ("start_date", self.start_date),
            ("end_date", self.end_date),
            ("as_of", self.as_of),
        ];
        for (name, date) in named {
            if !YEARS.contains(&date.year()) {
                return Some(format!("{name} {date} is not between 1950 and 2150"));
            }
        }
        (self.end_date < self.start_date).then(|| {
            format!(
                "end_date {} is before start_date {}",
                self.end_date, self.start_date
            )
        })
    }
}

/// One unit of work, as it travels through the queue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct JobMessage {
    /// Layout of this message; see [`SCHEMA_VERSION`].
    pub schema_version: u16,
    /// The run it belongs to.
    pub run_id: RunId,
    /// What to work on.
    pub target: Target,
    /// The run's parameters.
    #[serde(flatten)]
    pub params: RunParams,
}

/// A body that is not a job this build can do: it goes to the dead queue, with this as its reason.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
pub enum PoisonError {
    /// Not JSON, or not this shape.
    #[error("unreadable message: {0}")]
    Unreadable(String),
    /// Written by a newer build.
    #[error("message of schema version {found}, newer than {SCHEMA_VERSION}, the newest read here")]
    NewerVersion {
        /// The version it carries.
        found: u16,
    },
    /// Well-formed, but dates no run can have.
    #[error("impossible message: {0}")]
    Impossible(String),
}

impl JobMessage {
    /// The message for `target` in a run.
    pub fn new(run_id: RunId, target: Target, params: RunParams) -> Self {
        Self {
            schema_version: SCHEMA_VERSION,
            run_id,
            target,
            params,
        }
    }

    /// The body to publish.
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a job message is plain data")
    }

    /// Reads a body.
    ///
    /// # Errors
    /// When it is not a job this build can do; nothing of it is trusted before that.
    pub fn decode(body: &[u8]) -> Result<Self, PoisonError> {
        #[derive(Deserialize)]
        struct Version {
            schema_version: u16,
        }
        if body.len() > LARGEST_MESSAGE_BYTES {
            return Err(PoisonError::Unreadable(format!("{} bytes", body.len())));
        }
        let unreadable = |error: serde_json::Error| PoisonError::Unreadable(error.to_string());
        let Version {
            schema_version: found,
        } = serde_json::from_slice(body).map_err(unreadable)?;
        if found > SCHEMA_VERSION {
            return Err(PoisonError::NewerVersion { found });
        }
        let message: Self = serde_json::from_slice(body).map_err(unreadable)?;
        match message.params.problem() {
            Some(problem) => Err(PoisonError::Impossible(problem)),
            None => Ok(message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message() -> JobMessage {
        let date = |text: &str| text.parse().unwrap();
        JobMessage::new(
            "20261123-052000-abcdef".parse().unwrap(),
            Target::Empreendimento(EmpreendimentoId::try_from(1471).unwrap()),
            RunParams {
                start_date: date("2026-01-01"),
                end_date: date("2026-11-22"),
                as_of: date("2026-11-23"),
            },
        )
    }

    #[test]
    fn what_is_encoded_decodes_to_itself() {
        assert_eq!(JobMessage::decode(&message().encode()), Ok(message()));
    }

    #[test]
    fn the_layout_is_the_one_running_workers_read() {
        assert_eq!(
            String::from_utf8(message().encode()).unwrap(),
            r#"{"schema_version":1,"run_id":"20261123-052000-abcdef","target":"1471","start_date":"2026-01-01","end_date":"2026-11-22","as_of":"2026-11-23"}"#
        );
    }

    #[test]
    fn a_newer_version_is_told_from_garbage() {
        let newer = br#"{"schema_version":2,"anything":["else"]}"#;
        assert_eq!(
            JobMessage::decode(newer),
            Err(PoisonError::NewerVersion { found: 2 })
        );
        for body in [
            &b""[..],
            b"{}",
            b"\xff\xfe",
            b"[1]",
            br#"{"schema_version":"1"}"#,
        ] {
            assert!(matches!(
                JobMessage::decode(body),
                Err(PoisonError::Unreadable(_))
            ));
        }
    }

    #[test]
    fn an_untrusted_producer_gets_nowhere() {
        let body = String::from_utf8(message().encode()).unwrap();
        for (from, to) in [
            ("2026-11-22", "9999-12-31"),
            ("2026-01-01", "0001-01-01"),
            ("2026-11-22", "2025-01-01"),
        ] {
            let body = body.replace(from, to);
            assert!(
                matches!(
                    JobMessage::decode(body.as_bytes()),
                    Err(PoisonError::Impossible(_))
                ),
                "{body}"
            );
        }
        for (from, to) in [
            ("\"1471\"", "\"-1\""),
            ("\"1471\"", "\"1471; DROP TABLE contratos\""),
            ("20261123-052000-abcdef", "'; DROP TABLE sync_runs; --"),
        ] {
            let body = body.replace(from, to);
            assert!(
                matches!(
                    JobMessage::decode(body.as_bytes()),
                    Err(PoisonError::Unreadable(_))
                ),
                "{body}"
            );
        }
    }
}
