//! What should be in an export and is not.

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use domain::job::{RunId, Target};
use domain::ledger::{JobRecord, JobState};
use domain::month::Month;
use store::{FigureTable, PendingMonth, RunFilter, Store, StoreError};

use super::found::Found;
use super::request::{Request, View};
use crate::report::end_of_day;
use crate::text::{counted, list};

/// Runs this much older than the newest are not looked at. It is counted from the newest run and not
/// from today, so that an unchanged ledger says the same on every day.
const LOOK_BACK: TimeDelta = TimeDelta::days(30);
/// Runs asked for at once.
const RUNS: u32 = 50;

/// A job that had not committed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingJob {
    /// Its run.
    pub run: RunId,
    /// What it works on.
    pub target: Target,
    /// What a person calls that.
    pub nome: String,
    /// Where it stands now.
    pub state: JobState,
    /// The fingerprint of its last failure.
    pub cause: Option<String>,
}

/// What should be in an export and is not.
#[derive(Debug, Default)]
pub struct Missing {
    /// There is not one cell.
    pub everything: bool,
    /// Months asked for by name that a table has no cell of.
    pub without_cells: Vec<(FigureTable, Month)>,
    /// Months whose figures are not those of the newest run that covers them.
    pub pending: Vec<PendingMonth>,
    /// The newest job of each target that was not cancelled, where it is open or has failed.
    pub jobs: Vec<MissingJob>,
}

impl Missing {
    /// Whether nothing is missing.
    pub fn is_empty(&self) -> bool {
        !self.everything
            && self.without_cells.is_empty()
            && self.pending.is_empty()
            && self.jobs.is_empty()
    }

    /// In words, for a line of narration; empty when nothing is missing.
    pub fn told(&self) -> String {
        let mut parts = Vec::new();
        if self.everything {
            parts.push("no figures".to_owned());
        }
        for (count, noun, what) in [
            (self.without_cells.len(), "month", "without figures"),
            (self.pending.len(), "month", "pending"),
            (self.jobs.len(), "job", "open or failed"),
        ] {
            if count > 0 {
                parts.push(format!("{} {what}", counted(count, noun)));
            }
        }
        list(parts)
    }
}

/// What is missing of cells that were read.
///
/// Signed-off months are whole by themselves. Which months are pending is known of now alone; of an
/// earlier day the jobs say what had not been committed by then.
///
/// # Errors
/// When the database fails.
pub async fn missing(
    store: &dyn Store,
    request: &Request,
    found: &Found,
) -> Result<Missing, StoreError> {
    let mut missing = Missing {
        everything: found.rows() == 0,
        without_cells: without_cells(request, found),
        ..Missing::default()
    };
    let asked = request.months.map(|months| (months.first, months.last));
    let Some((first, last)) = asked.or_else(|| found.months()) else {
        return Ok(missing);
    };
    let until = match request.view {
        View::Now(_) => None,
        View::EndOf(day) => Some(end_of_day(day)),
        View::Closed => return Ok(missing),
    };
    if until.is_none() && request.of_empreendimentos() {
        missing.pending = store.pending_months(None, first, last).await?;
    }
    missing.jobs = missing_jobs(store, request, (first, last), until).await?;
    Ok(missing)
}

fn without_cells(request: &Request, found: &Found) -> Vec<(FigureTable, Month)> {
    let Some(months) = request.months else {
        return Vec::new();
    };
    let mut without = Vec::new();
    for of in &found.tables {
        let has_none = |month: &Month| !of.months.contains(month);
        without.extend(
            months
                .each()
                .filter(has_none)
                .map(|month| (of.table, month)),
        );
    }
    without
}

/// The newest job of each target, up to a moment or at all, that had not committed by then. One that
/// was cancelled by then counts as never asked for: the figures are those before its run.
async fn missing_jobs(
    store: &dyn Store,
    request: &Request,
    (first, last): (Month, Month),
    until: Option<DateTime<Utc>>,
) -> Result<Vec<MissingJob>, StoreError> {
    let (mut missing, mut seen) = (Vec::new(), BTreeSet::new());
    let (mut before, mut newest) = (None, None);
    loop {
        let page = store
            .recent_runs(RunFilter::All, before.as_ref(), RUNS)
            .await?;
        let Some(oldest) = page.last() else {
            return Ok(missing);
        };
        before = Some(oldest.run.id.clone());
        for run in page.into_iter().map(|outcome| outcome.run) {
            let is_later = until.is_some_and(|until| run.created_at > until);
            if is_later || run.imported_from.is_some() {
                continue;
            }
            if run.created_at < *newest.get_or_insert(run.created_at) - LOOK_BACK {
                return Ok(missing);
            }
            let mut months = run.params.months();
            if !months.any(|month| (first..=last).contains(&month)) {
                continue;
            }
            for job in store.jobs(&run.id).await? {
                let wanted = match job.target {
                    Target::Empreendimento(_) => request.of_empreendimentos(),
                    Target::SaidasCaixa => request.tables.contains(&FigureTable::SaidasCaixa),
                };
                if wanted
                    && !was_cancelled(&job, until)
                    && seen.insert(job.target)
                    && !was_done(&job, until)
                {
                    missing.push(MissingJob {
                        run: run.id.clone(),
                        target: job.target,
                        nome: job.nome,
                        state: job.state,
                        cause: job.cause.map(|cause| cause.fingerprint),
                    });
                }
            }
        }
    }
}

fn was_done(job: &JobRecord, until: Option<DateTime<Utc>>) -> bool {
    matches!(job.state, JobState::Done | JobState::Superseded) && had_ended(job, until)
}

fn was_cancelled(job: &JobRecord, until: Option<DateTime<Utc>>) -> bool {
    job.state == JobState::Cancelled && had_ended(job, until)
}

fn had_ended(job: &JobRecord, until: Option<DateTime<Utc>>) -> bool {
    job.finished_at
        .is_some_and(|at| until.is_none_or(|until| at <= until))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_in_words() {
        assert_eq!(Missing::default().told(), "");
        assert!(Missing::default().is_empty());
        let month: Month = "2026-01".parse().unwrap();
        let missing = Missing {
            without_cells: vec![(FigureTable::Delinquency, month)],
            pending: vec![
                PendingMonth {
                    id: 1471.try_into().unwrap(),
                    nome: "Água".to_owned(),
                    month,
                    state: JobState::Failed,
                };
                2
            ],
            ..Missing::default()
        };
        assert!(!missing.is_empty());
        assert_eq!(missing.told(), "1 month without figures, 2 months pending");
    }
}
