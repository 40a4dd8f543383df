//! What a run will do: arguments and catalogue in, jobs out. Pure.

use std::cmp::Reverse;
use std::collections::{BTreeSet, HashMap, HashSet};

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::America::Sao_Paulo;
use domain::checks::{Check, CheckName, CheckVerdict};
use domain::job::{EmpreendimentoId, RunId, RunParams, Target};
use domain::ledger::{NewJob, NewRun, operator};
use domain::tables::Catalogue;
use domain::tables::EmpreendimentoRow;
use thiserror::Error;

use crate::cli::BackfillArgs;
use crate::exit::listed;

/// So many empreendimentos may always leave the catalogue at once; beyond, a tenth of them.
const MOST_GONE: usize = 2;
/// What a person calls the cash-out job.
const SAIDAS_CAIXA: &str = "saídas de caixa, all filiais";

/// A run that was asked for and whose window is allowed; dates that were left out are filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The run's parameters.
    pub params: RunParams,
    /// Only these empreendimentos, without the cash out; everything when empty.
    pub empreendimentos: BTreeSet<EmpreendimentoId>,
    /// Leave out what was committed recently.
    pub skip: Option<SkipRecent>,
    /// Plan it although the catalogue shrank.
    pub accept_change: bool,
    /// Overwrite what a later view has written.
    pub replace_newer: bool,
}

/// What counts as committed recently.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SkipRecent {
    /// Committed since then,
    pub since: DateTime<Utc>,
    /// and as of no earlier day than this.
    pub oldest_view: NaiveDate,
}

/// Why a run cannot be planned.
#[derive(Debug, Error, PartialEq, Eq)]
pub enum PlanError {
    /// Dates that no run can have.
    #[error("{0}")]
    Window(String),
    /// More months than allowed without being sure.
    #[error("{start_date} to {end_date} touches {months} months, more than --max-months {max}")]
    TooManyMonths {
        /// First day asked for.
        start_date: NaiveDate,
        /// Last day asked for.
        end_date: NaiveDate,
        /// Months these touch.
        months: usize,
        /// The limit.
        max: u32,
    },
    /// Empreendimentos that the ERP does not list.
    #[error("the ERP lists no empreendimento {}", listed(.0))]
    Unknown(Vec<EmpreendimentoId>),
    /// So many empreendimentos are gone that the catalogue is hardly true.
    #[error(
        "the ERP lists {} of {known} empreendimentos with contratos no more: {}",
        .missing.len(),
        listed(.missing)
    )]
    CatalogueShrank {
        /// Those gone.
        missing: Vec<EmpreendimentoId>,
        /// Those with contratos that the catalogue before it listed.
        known: usize,
    },
    /// The ERP lists nothing, which no customer of it has.
    #[error("the ERP lists no empreendimento at all")]
    EmptyCatalogue,
}

impl PlanError {
    /// What to do about it.
    pub(crate) fn hint(&self) -> Option<String> {
        match self {
            Self::Window(_) => None,
            Self::TooManyMonths { .. } => {
                Some("choose a shorter window, or add --force if it is meant".to_owned())
            }
            Self::Unknown(_) => Some(
                "codes are the ERP's `codigo`; the same command with --dry-run and without \
                 --empreendimento-ids lists them all"
                    .to_owned(),
            ),
            Self::CatalogueShrank { .. } => Some(
                "nothing was written; if they are gone for good, the same command with \
                 --accept-change plans the run, and they become inactive"
                    .to_owned(),
            ),
            Self::EmptyCatalogue => {
                Some("check MEGA_API_TENANT_ID and what MEGA_API_USERNAME may see".to_owned())
            }
        }
    }
}

impl Request {
    /// Fills in the dates left out, as seen in São Paulo at `now`, and checks the window.
    ///
    /// # Errors
    /// When the dates are impossible or touch too many months.
    pub fn resolve(args: &BackfillArgs, now: DateTime<Utc>) -> Result<Self, PlanError> {
        let as_of = args
            .as_of
            .unwrap_or_else(|| now.with_timezone(&Sao_Paulo).date_naive());
        let params = RunParams {
            start_date: args.start_date,
            end_date: args
                .end_date
                .unwrap_or_else(|| as_of.checked_sub_days(Days::new(1)).unwrap_or(as_of)),
            as_of,
        };
        if let Some(problem) = params.problem() {
            return Err(PlanError::Window(problem));
        }
        let months = params.months().len();
        if months > args.max_months as usize && !args.force {
            return Err(PlanError::TooManyMonths {
                start_date: params.start_date,
                end_date: params.end_date,
                months,
                max: args.max_months,
            });
        }
        Ok(Self {
            params,
            empreendimentos: args.empreendimento_ids.iter().copied().collect(),
            skip: args.skip_recent_hours.map(|hours| SkipRecent {
                since: now - TimeDelta::hours(hours.into()),
                oldest_view: as_of
                    .checked_sub_days(Days::new(hours.div_ceil(24).into()))
                    .unwrap_or(as_of),
            }),
            accept_change: args.accept_change,
            replace_newer: args.replace_newer,
        })
    }
}

/// A run about to be recorded.
#[derive(Debug, Clone)]
pub struct Plan {
    /// Its parameters.
    pub params: RunParams,
    /// What to do, in the order to publish it; empty when everything was synced recently.
    pub jobs: Vec<NewJob>,
    /// What was left out because it was synced recently, by id.
    pub skipped: Vec<NewJob>,
    /// Whether the catalogue is plausible.
    pub check: Check,
    replace_newer: bool,
    catalogue: Catalogue,
}

impl Plan {
    /// The run to record, named for `now`.
    pub fn into_run(self, now: DateTime<Utc>) -> NewRun {
        NewRun {
            id: RunId::new(now),
            params: self.params,
            filiais: self.catalogue.filiais,
            empreendimentos: self.catalogue.empreendimentos,
            jobs: self.jobs,
            checks: vec![self.check],
            replace_newer: self.replace_newer,
            by: operator(),
        }
    }
}

/// Decides what a run does.
///
/// The cash out comes first, then the empreendimentos never committed (their cost is unknown, so it
/// may be the largest), then the others by falling cost: whatever takes longest should not be what
/// everyone waits for in the end.
///
/// # Errors
/// When the catalogue is empty, lacks an empreendimento that was asked for, or lacks too many of
/// those with contratos, `known`, that the one before it listed.
pub fn plan(
    request: &Request,
    catalogue: Catalogue,
    recent: &HashSet<EmpreendimentoId>,
    costs: &HashMap<Target, u64>,
    known: &[EmpreendimentoId],
) -> Result<Plan, PlanError> {
    if catalogue.empreendimentos.is_empty() {
        return Err(PlanError::EmptyCatalogue);
    }
    let listed: HashSet<_> = catalogue.empreendimentos.iter().map(|row| row.id).collect();
    let check = plausible_catalogue(&listed, known, request.accept_change)?;
    let wanted = &request.empreendimentos;
    let unknown: Vec<_> = wanted
        .iter()
        .copied()
        .filter(|id| !listed.contains(id))
        .collect();
    if !unknown.is_empty() {
        return Err(PlanError::Unknown(unknown));
    }

    let selected = catalogue
        .empreendimentos
        .iter()
        .filter(|row| wanted.is_empty() || wanted.contains(&row.id));
    let (mut skipped, mut todo): (Vec<_>, Vec<_>) =
        selected.partition(|row| recent.contains(&row.id));
    skipped.sort_by_key(|row| row.id);
    todo.sort_by_key(|row| {
        let cost = costs.get(&Target::Empreendimento(row.id)).copied();
        (cost.is_some(), Reverse(cost), row.id)
    });

    let saidas_caixa = wanted.is_empty().then(|| NewJob {
        target: Target::SaidasCaixa,
        nome: SAIDAS_CAIXA.to_owned(),
    });
    Ok(Plan {
        params: request.params,
        jobs: saidas_caixa
            .into_iter()
            .chain(todo.into_iter().map(job))
            .collect(),
        skipped: skipped.into_iter().map(job).collect(),
        check,
        replace_newer: request.replace_newer,
        catalogue,
    })
}

/// A list that lost many of those with contratos is more likely broken than right.
fn plausible_catalogue(
    listed: &HashSet<EmpreendimentoId>,
    known: &[EmpreendimentoId],
    accepted: bool,
) -> Result<Check, PlanError> {
    let name = CheckName::PlausibleCatalogue;
    let gone = |id: &&EmpreendimentoId| !listed.contains(id);
    let missing: Vec<_> = known.iter().filter(gone).copied().collect();
    let (count, known) = (missing.len(), known.len());
    let observed =
        format!("{count} of {known} empreendimentos with contratos are no longer listed");
    let implausible = count > MOST_GONE && count * 10 > known;
    let mut check = match (implausible, count) {
        (true, _) if !accepted => return Err(PlanError::CatalogueShrank { missing, known }),
        (_, 0) => Check::passed(name, observed),
        _ => Check::noted(name, observed),
    };
    if implausible {
        check.verdict = CheckVerdict::Accepted;
    }
    Ok(check.with_samples(missing))
}

fn job(row: &EmpreendimentoRow) -> NewJob {
    NewJob {
        target: Target::Empreendimento(row.id),
        nome: row.nome.clone(),
    }
}

#[cfg(test)]
mod tests;
