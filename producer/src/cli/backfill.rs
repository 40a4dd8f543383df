//! Arguments of `backfill`.

use chrono::NaiveDate;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{ArgGroup, Args, ValueEnum};
use domain::job::{Baixa, EmpreendimentoId, FilialId};
use strum::VariantNames as _;

use super::day;

/// Months a window may touch without `--force`, unless the environment says otherwise.
const DEFAULT_MAX_MONTHS: u32 = 24;
/// Days for which the history of the figures is kept, unless the environment says otherwise.
pub const DEFAULT_HISTORY_DAYS: u32 = 400;

/// Arguments of `backfill`.
#[derive(Debug, Clone, Args)]
#[command(group = ArgGroup::new("window").required(true))]
pub struct BackfillArgs {
    /// First day of the window, included. The months of the window are computed whole
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day, group = "window")]
    pub start_date: Option<NaiveDate>,
    /// Last day of the window, included [default: the day before --as-of]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day,
          conflicts_with_all = ["last_days", "last_months"])]
    pub end_date: Option<NaiveDate>,
    /// The window ends on the day before --as-of and begins this many days earlier
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=36_600),
          group = "window")]
    pub last_days: Option<u32>,
    /// The window ends on the day before --as-of and begins on the first day of this many months:
    /// 1 is the month of that day alone
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..=1200),
          group = "window")]
    pub last_months: Option<u32>,
    /// Sync these empreendimentos alone, by the ERP's code, without cash out [default: all, and the
    /// cash out of all filiais]
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub empreendimento_ids: Vec<EmpreendimentoId>,
    /// Do them before the jobs of other runs: each worker keeps a slot for one urgent job, whose calls
    /// are sent first
    #[arg(long, requires = "empreendimento_ids")]
    pub urgent: bool,
    /// Sync empreendimentos without cash out, or the cash out alone [default: both]
    #[arg(long, value_enum, value_name = "WHAT")]
    pub only: Option<Only>,
    /// Ask for the payables of these filiais alone, by the ERP's code, each by itself. Those of others
    /// stay as they are
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub filial_ids: Vec<FilialId>,
    /// The day of payment of a payable that is settled when first seen: its due day, or its extended
    /// day (DataProrrogado) where there is one
    #[arg(
        long,
        value_name = "DAY",
        env = "MEGA_SYNC_BAIXA",
        hide_env_values = true,
        default_value_t,
        value_parser = PossibleValuesParser::new(Baixa::VARIANTS).map(|text| {
            text.parse::<Baixa>().expect("one of the possible values")
        })
    )]
    pub baixa: Baixa,
    /// Leave out the control total of payables: one call less a period
    #[arg(long)]
    pub no_control: bool,
    /// Refuse a window of more months than this
    #[arg(
        long,
        value_name = "N",
        env = "MEGA_SYNC_MAX_MONTHS",
        hide_env_values = true,
        default_value_t = DEFAULT_MAX_MONTHS,
        value_parser = clap::value_parser!(u32).range(1..)
    )]
    pub max_months: u32,
    /// Accept a window of more than --max-months
    #[arg(long)]
    pub force: bool,
    /// Skip empreendimentos whose months were all committed within the last H hours, as of a day at
    /// most H hours older, in whole days. The cash out is never skipped
    #[arg(long, value_name = "H", value_parser = clap::value_parser!(u32).range(1..=87_600))]
    pub skip_recent_hours: Option<u32>,
    /// Forget how figures stood more than so many days ago. Closed months and what stands now are
    /// kept whatever their age
    #[arg(
        long,
        value_name = "DAYS",
        env = "MEGA_SYNC_HISTORY_DAYS",
        hide_env_values = true,
        default_value_t = DEFAULT_HISTORY_DAYS,
        value_parser = clap::value_parser!(u32).range(1..=36_600)
    )]
    pub history_days: u32,
    /// Use this day as today [default: today in America/Sao_Paulo]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    pub as_of: Option<NaiveDate>,
    /// Plan the run although the ERP lists far fewer empreendimentos than before
    #[arg(long)]
    pub accept_change: bool,
    /// Overwrite months and due days that a later view wrote, such as a run with an --as-of in the
    /// future. The run records who asked for it
    #[arg(long)]
    pub replace_newer: bool,
    /// Print the plan and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Follow the run to its end and exit by its outcome. Exit with 7 when it cannot go on (no
    /// worker alive for two minutes, or no message for its open jobs)
    #[arg(long, conflicts_with = "dry_run")]
    pub wait: bool,
    /// Wait at most this many seconds, then exit with 7. The run goes on
    #[arg(long, value_name = "SECONDS", requires = "wait", value_parser = clap::value_parser!(u64).range(1..))]
    pub timeout: Option<u64>,
}

/// One of the two kinds of work.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Only {
    /// Contratos and parcelas.
    Empreendimentos,
    /// Payables, and the cash out they make.
    SaidasCaixa,
}
