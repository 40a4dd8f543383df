//! Who cancelled a run, or a part of it.

use chrono::{DateTime, Utc};
use domain::job::EmpreendimentoId;
use domain::ledger::{Action, ActionRecord};
use serde::Serialize;

/// A cancel of a run, in the output of `status --json`, whose field names stay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cancellation {
    /// When.
    pub at: DateTime<Utc>,
    /// Who: user@host.
    pub by: String,
    /// Why, as they put it.
    pub why: Option<String>,
    /// The empreendimentos that were named; empty for all that was open, and the cash out.
    pub empreendimentos: Vec<EmpreendimentoId>,
}

impl Cancellation {
    /// Those among the actions of a run.
    pub(crate) fn among(actions: Vec<ActionRecord>) -> Vec<Self> {
        let cancels = actions.into_iter();
        cancels
            .filter(|action| action.what == Action::Cancel)
            .map(|action| Self {
                at: action.at,
                by: action.by,
                why: action.why,
                empreendimentos: action.about.as_deref().map(codes).unwrap_or_default(),
            })
            .collect()
    }
}

fn codes(about: &str) -> Vec<EmpreendimentoId> {
    let codes = about.split(',');
    codes.filter_map(|code| code.parse().ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixtures::at;

    #[test]
    fn cancels_are_told_with_what_they_named() {
        let action = |what, about: Option<&str>| ActionRecord {
            at: at("08:23:00"),
            by: "ana@office".to_owned(),
            what,
            about: about.map(str::to_owned),
            why: Some("the wrong window".to_owned()),
        };
        let told = Cancellation::among(vec![
            action(Action::Resume, None),
            action(Action::Cancel, Some("1400,1403")),
            action(Action::Cancel, None),
        ]);
        let codes = told.iter().map(|one| one.empreendimentos.iter());
        let codes = codes.map(|codes| codes.map(|id| id.get()).collect::<Vec<_>>());
        assert_eq!(codes.collect::<Vec<_>>(), [vec![1400, 1403], vec![]]);
    }
}
