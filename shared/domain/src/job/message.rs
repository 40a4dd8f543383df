//! The message of one job, and the versions of its layout.

use serde::{Deserialize, Serialize};
use thiserror::Error;

use super::params::RunParams;
use super::payables::Payables;
use super::run_id::RunId;
use super::target::Target;

/// The newest version of [`JobMessage`] that this build reads.
pub const SCHEMA_VERSION: u16 = 2;
/// The version without payables, which older builds read as well.
const WITHOUT_PAYABLES: u16 = 1;

/// The largest body that is read. A larger one is rejected as unreadable.
const LARGEST_MESSAGE_BYTES: usize = 16 * 1024;

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
    /// How payables are read, for [`Target::SaidasCaixa`]; what an older build would not know of makes
    /// it a message of version 2.
    #[serde(default, skip_serializing_if = "Payables::is_default")]
    pub payables: Payables,
}

/// Why a body is not a job that this build can process. The message goes to the dead queue with
/// this reason.
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
    /// Well-formed, with dates that no run can have.
    #[error("impossible message: {0}")]
    Impossible(String),
}

impl JobMessage {
    /// The message for `target` in a run.
    pub fn new(run_id: RunId, target: Target, params: RunParams) -> Self {
        Self {
            schema_version: WITHOUT_PAYABLES,
            run_id,
            target,
            params,
            payables: Payables::default(),
        }
    }

    /// The same in a run that does this about payables, which concerns [`Target::SaidasCaixa`] alone.
    pub fn with_payables(self, payables: Payables) -> Self {
        if self.target != Target::SaidasCaixa || payables.is_default() {
            return self;
        }
        Self {
            schema_version: match payables.may_be_overlooked() {
                true => WITHOUT_PAYABLES,
                false => SCHEMA_VERSION,
            },
            payables,
            ..self
        }
    }

    /// The body to publish.
    pub fn encode(&self) -> Vec<u8> {
        serde_json::to_vec(self).expect("a job message is plain data")
    }

    /// Reads a body.
    ///
    /// # Errors
    /// When the body is not a job that this build can process.
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
    use crate::job::id::EmpreendimentoId;
    use crate::job::payables::Baixa;

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
    fn what_an_older_build_would_overlook_makes_a_newer_version() {
        let payables = Payables {
            filiais: vec![100.try_into().unwrap(), 107.try_into().unwrap()],
            baixa: Baixa::Prorrogado,
            no_control: false,
        };
        assert_eq!(message().with_payables(payables.clone()), message());
        let cash_out = JobMessage {
            target: Target::SaidasCaixa,
            ..message()
        };
        assert_eq!(
            cash_out.clone().with_payables(Payables::default()),
            cash_out
        );
        let with = cash_out.with_payables(payables);
        assert_eq!(JobMessage::decode(&with.encode()), Ok(with.clone()));
        assert_eq!(
            String::from_utf8(with.encode()).unwrap(),
            r#"{"schema_version":2,"run_id":"20261123-052000-abcdef","target":"saidas-caixa","start_date":"2026-01-01","end_date":"2026-11-22","as_of":"2026-11-23","payables":{"filiais":[100,107],"baixa":"prorrogado"}}"#
        );
    }

    #[test]
    fn what_an_older_build_does_anyway_stays_in_its_version() {
        let cash_out = JobMessage {
            target: Target::SaidasCaixa,
            ..message()
        };
        let without_control = cash_out.with_payables(Payables {
            no_control: true,
            ..Payables::default()
        });
        let body = without_control.encode();
        assert_eq!(JobMessage::decode(&body), Ok(without_control));
        assert_eq!(
            String::from_utf8(body).unwrap(),
            r#"{"schema_version":1,"run_id":"20261123-052000-abcdef","target":"saidas-caixa","start_date":"2026-01-01","end_date":"2026-11-22","as_of":"2026-11-23","payables":{"baixa":"vencimento","no_control":true}}"#
        );
    }

    #[test]
    fn a_newer_version_is_distinguished_from_garbage() {
        let newer = br#"{"schema_version":3,"anything":["else"]}"#;
        assert_eq!(
            JobMessage::decode(newer),
            Err(PoisonError::NewerVersion { found: 3 })
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
    fn a_body_with_impossible_values_is_rejected() {
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
