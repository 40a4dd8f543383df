//! Whether a month can be signed off.

use chrono::{NaiveDate, Utc};
use domain::job::{EmpreendimentoId, Target};
use domain::ledger::JobState;
use domain::month::Month;
use store::{MonthView, Store};

use crate::error::CommandError;
use crate::text::day_of;

/// Why a month should not be signed off yet: each reason in words, none when it can be.
///
/// # Errors
/// When the database fails.
pub async fn obstacles(
    store: &dyn Store,
    month: Month,
    empreendimentos: &[EmpreendimentoId],
) -> Result<Vec<String>, CommandError> {
    let last_day = month.last_day();
    let mut obstacles = Vec::new();
    if day_of(Utc::now()) <= last_day {
        obstacles.push(format!("{month} is not over"));
    }
    let asked = |id: EmpreendimentoId| empreendimentos.is_empty() || empreendimentos.contains(&id);
    for pending in store.pending_months(None, month, month).await? {
        if asked(pending.id) {
            let state = match pending.state {
                JobState::Failed => "failed",
                _ => "has not ended",
            };
            obstacles.push(format!(
                "{} {}: its newest job {state}",
                pending.id, pending.nome
            ));
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
        if let Some(why) = unready(target, view, last_day) {
            obstacles.push(format!("{target}: {why}"));
        }
    }
    Ok(obstacles)
}

/// Why a target's figures are not those of the whole month.
fn unready(target: Target, view: Option<&MonthView>, last_day: NaiveDate) -> Option<String> {
    use chrono::Datelike as _;
    let Some(view) = view else {
        return Some("no run has committed the month".to_owned());
    };
    if view.as_of <= last_day {
        return Some(format!(
            "last committed as of {}, before the month's end",
            view.as_of
        ));
    }
    let days = u64::from(last_day.day());
    (target == Target::SaidasCaixa && view.periods < days)
        .then(|| format!("only {} of {days} due days are committed", view.periods))
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
