//! What a run is asked to do: the arguments of `backfill`, checked, with the dates filled in.

use std::collections::BTreeSet;

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use chrono_tz::America::Sao_Paulo;
use domain::job::{EmpreendimentoId, RunParams};

use super::error::PlanError;
use crate::cli::BackfillArgs;

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
