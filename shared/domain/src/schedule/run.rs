//! Runs that schedules begin.

use chrono::{DateTime, Utc};
use serde::Serialize;

use super::name::ScheduleName;
use crate::job::{Payables, RunId, RunParams};

/// A run that a schedule begins: recorded at once, planned afterwards.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScheduledRun {
    /// Its name.
    pub id: RunId,
    /// The schedule.
    pub schedule: ScheduleName,
    /// The arguments of its backfill.
    pub arguments: Vec<String>,
    /// Its parameters.
    pub params: RunParams,
    /// What it does about payables.
    pub payables: Payables,
    /// It may overwrite months that a later view has written.
    pub replace_newer: bool,
    /// Who asked for it: user@host, or the schedule.
    pub by: String,
    /// When it began.
    pub created_at: DateTime<Utc>,
}

/// How the reason begins of a plan that somebody has cancelled.
const CANCELLED: &str = "cancelled by ";

/// Where the planning of a scheduled run stands, when it is not planned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "state", rename_all = "kebab-case")]
pub enum Planning {
    /// It is to be planned.
    Open {
        /// Why the last try failed; absent while none has.
        #[serde(skip_serializing_if = "Option::is_none")]
        problem: Option<String>,
    },
    /// It is not going to be planned.
    Refused {
        /// Why.
        why: String,
    },
}

impl Planning {
    /// The reason of a plan that `by`, user@host, has cancelled.
    pub fn reason_of_cancel(by: &str, why: &str) -> String {
        format!("{CANCELLED}{by}: {why}")
    }

    /// Whether somebody has cancelled the plan.
    pub fn is_cancelled(&self) -> bool {
        matches!(self, Self::Refused { why } if why.starts_with(CANCELLED))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_cancelled_plan_is_refused_by_a_person() {
        let why = Planning::reason_of_cancel("ana@office", "the wrong window");
        assert_eq!(why, "cancelled by ana@office: the wrong window");
        assert!(Planning::Refused { why: why.clone() }.is_cancelled());
        let problem = Some(why);
        assert!(!Planning::Open { problem }.is_cancelled());
        let why = "the ERP lists no empreendimento 99".to_owned();
        assert!(!Planning::Refused { why }.is_cancelled());
    }

    #[test]
    fn planning_is_told_with_its_reason() {
        let open = |problem: Option<&str>| Planning::Open {
            problem: problem.map(str::to_owned),
        };
        let refused = Planning::Refused {
            why: "no such empreendimento".to_owned(),
        };
        for (planning, expected) in [
            (open(None), json!({ "state": "open" })),
            (
                open(Some("away")),
                json!({ "state": "open", "problem": "away" }),
            ),
            (
                refused,
                json!({ "state": "refused", "why": "no such empreendimento" }),
            ),
        ] {
            assert_eq!(serde_json::to_value(planning).unwrap(), expected);
        }
    }
}
