//! Whether a month can be signed off.

use std::fmt;

use chrono::{NaiveDate, Utc};
use domain::job::{EmpreendimentoId, Target};
use domain::ledger::JobState;
use domain::month::Month;
use store::{MonthView, Store};

use crate::error::CommandError;
use crate::text::day_of;

/// Why a month should not be signed off yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// It is not over.
    NotOver(Month),
    /// The newest job of an empreendimento that covers it has not ended, or failed.
    Pending {
        /// The empreendimento.
        id: EmpreendimentoId,
        /// What it is called now.
        nome: String,
        /// Whether the job failed.
        failed: bool,
    },
    /// No run has committed it of a target.
    NotCommitted(Target),
    /// A target was last committed before its end.
    Early {
        /// The target.
        target: Target,
        /// That run's today.
        as_of: NaiveDate,
    },
    /// Due days of cash out are missing.
    DaysMissing {
        /// Due days that are committed.
        committed: u64,
        /// Days of the month.
        days: u64,
    },
}

impl fmt::Display for Obstacle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotOver(month) => write!(f, "{month} is not over"),
            Self::Pending { id, nome, failed } => {
                let state = if *failed { "failed" } else { "has not ended" };
                write!(f, "{id} {nome}: its newest job {state}")
            }
            Self::NotCommitted(target) => {
                write!(f, "{target}: no run has committed the month")
            }
            Self::Early { target, as_of } => write!(
                f,
                "{target}: last committed as of {as_of}, before the month's end"
            ),
            Self::DaysMissing { committed, days } => write!(
                f,
                "{}: only {committed} of {days} due days are committed",
                Target::SaidasCaixa
            ),
        }
    }
}

/// Why a month should not be signed off yet; none when it can be.
///
/// # Errors
/// When the database fails.
pub async fn obstacles(
    store: &dyn Store,
    month: Month,
    empreendimentos: &[EmpreendimentoId],
) -> Result<Vec<Obstacle>, CommandError> {
    let last_day = month.last_day();
    let mut obstacles = Vec::new();
    if day_of(Utc::now()) <= last_day {
        obstacles.push(Obstacle::NotOver(month));
    }
    let asked = |id: EmpreendimentoId| empreendimentos.is_empty() || empreendimentos.contains(&id);
    for pending in store.pending_months(None, month, month).await? {
        if asked(pending.id) {
            obstacles.push(Obstacle::Pending {
                id: pending.id,
                nome: pending.nome,
                failed: pending.state == JobState::Failed,
            });
        }
    }
    let views = store.month_views(month).await?;
    let listed = store.listed_with_contratos().await?;
    let mut wanted: Vec<_> = match empreendimentos.is_empty() {
        true => listed.into_iter().map(Target::Empreendimento).collect(),
        false => empreendimentos
            .iter()
            .copied()
            .map(Target::Empreendimento)
            .collect(),
    };
    if empreendimentos.is_empty() {
        wanted.push(Target::SaidasCaixa);
    }
    for target in wanted {
        let view = views.iter().find(|view| view.target == target);
        obstacles.extend(unready(target, view, last_day));
    }
    Ok(obstacles)
}

/// Why a target's figures are not those of the whole month.
fn unready(target: Target, view: Option<&MonthView>, last_day: NaiveDate) -> Option<Obstacle> {
    use chrono::Datelike as _;
    let Some(view) = view else {
        return Some(Obstacle::NotCommitted(target));
    };
    if view.as_of <= last_day {
        let as_of = view.as_of;
        return Some(Obstacle::Early { target, as_of });
    }
    let days = u64::from(last_day.day());
    (target == Target::SaidasCaixa && view.periods < days).then_some(Obstacle::DaysMissing {
        committed: view.periods,
        days,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_ready_once_a_run_after_its_end_has_committed_it() {
        let last_day = "2026-09-30".parse().unwrap();
        let view = |as_of: &str, periods| MonthView {
            target: Target::SaidasCaixa,
            as_of: as_of.parse().unwrap(),
            periods,
        };
        let ready = |view: Option<MonthView>| unready(Target::SaidasCaixa, view.as_ref(), last_day);
        assert_eq!(ready(Some(view("2026-10-01", 30))), None);
        assert!(ready(None).is_some());
        assert!(ready(Some(view("2026-09-30", 30))).is_some());
        assert!(ready(Some(view("2026-10-01", 29))).is_some());
    }
}
