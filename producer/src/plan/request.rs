//! What a run is asked to do: the arguments of `backfill`, checked, with the dates filled in.

use std::collections::BTreeSet;

use chrono::{DateTime, Datelike as _, Days, Months, NaiveDate, TimeDelta, Utc};
use domain::job::{EmpreendimentoId, Payables, RunParams};

use super::error::PlanError;
use crate::cli::{BackfillArgs, Only};
use crate::text::day_of;

/// A run that was asked for and whose window is allowed; dates that were left out are filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Request {
    /// The run's parameters.
    pub params: RunParams,
    /// Only these empreendimentos; all when empty.
    pub empreendimentos: BTreeSet<EmpreendimentoId>,
    /// Whether empreendimentos are part of it.
    pub with_empreendimentos: bool,
    /// Whether the cash out is part of it.
    pub with_cash_out: bool,
    /// What it does about payables.
    pub payables: Payables,
    /// Leave out what was committed recently.
    pub skip: Option<SkipRecent>,
    /// Plan it although the catalogue shrank.
    pub accept_change: bool,
    /// Overwrite what a later view has written.
    pub replace_newer: bool,
    /// Do it before the jobs of other runs.
    pub urgent: bool,
    /// For how long the history of the figures is kept.
    pub history: Days,
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
        let as_of = args.as_of.unwrap_or_else(|| day_of(now));
        let (start_date, end_date) = window(args, as_of);
        let params = RunParams {
            start_date,
            end_date,
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
        let filiais: BTreeSet<_> = args.filial_ids.iter().copied().collect();
        let some_empreendimentos = !args.empreendimento_ids.is_empty();
        let with_cash_out = match args.only {
            Some(Only::SaidasCaixa) if some_empreendimentos => {
                let why =
                    "--only saidas-caixa has no empreendimentos: leave --empreendimento-ids out";
                return Err(PlanError::Flags(why));
            }
            only => only != Some(Only::Empreendimentos) && !some_empreendimentos,
        };
        if !filiais.is_empty() && !with_cash_out {
            let why = "--filial-ids is for the cash out, which is no part of this run";
            return Err(PlanError::Flags(why));
        }
        Ok(Self {
            params,
            empreendimentos: args.empreendimento_ids.iter().copied().collect(),
            with_empreendimentos: args.only != Some(Only::SaidasCaixa),
            with_cash_out,
            payables: Payables {
                filiais: filiais.into_iter().collect(),
                baixa: args.baixa,
                no_control: args.no_control,
            },
            skip: args.skip_recent_hours.map(|hours| SkipRecent {
                since: now - TimeDelta::hours(hours.into()),
                oldest_view: as_of
                    .checked_sub_days(Days::new(hours.div_ceil(24).into()))
                    .unwrap_or(as_of),
            }),
            accept_change: args.accept_change,
            replace_newer: args.replace_newer,
            urgent: args.urgent,
            history: Days::new(args.history_days.into()),
        })
    }
}

/// First and last day of the window, as seen on `as_of`.
fn window(args: &BackfillArgs, as_of: NaiveDate) -> (NaiveDate, NaiveDate) {
    let yesterday = as_of.checked_sub_days(Days::new(1)).unwrap_or(as_of);
    let end = args.end_date.unwrap_or(yesterday);
    let start = match (args.start_date, args.last_days, args.last_months) {
        (Some(start), ..) => Some(start),
        (None, Some(days), _) => end.checked_sub_days(Days::new(days.into())),
        (None, None, months) => {
            let earlier = Months::new(months.unwrap_or(1) - 1);
            end.with_day(1)
                .and_then(|first| first.checked_sub_months(earlier))
        }
    };
    // Before the first day that a date can hold there is nothing to ask for.
    (start.unwrap_or(NaiveDate::MIN), end)
}
