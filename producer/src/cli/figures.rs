//! The commands about published figures: where they come from, what changed, what was signed off.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Args;
use clap::builder::NonEmptyStringValueParser;
use domain::job::EmpreendimentoId;
use domain::month::Month;
use domain::tables::Category;
use rust_decimal::Decimal;

use super::day;
use crate::report::Moment;

/// Arguments of `explain`.
#[derive(Debug, Clone, Args)]
pub struct ExplainArgs {
    /// Explain the figures of this empreendimento, by the ERP's code
    #[arg(long, value_name = "ID", required_unless_present = "saidas_caixa")]
    pub empreendimento_id: Option<EmpreendimentoId>,
    /// Explain the cash out of all filiais instead
    #[arg(long, conflicts_with = "empreendimento_id")]
    pub saidas_caixa: bool,
    /// Show this month with its values [default: the run that wrote each month]
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Option<Month>,
    /// Open the month's figures to the contratos that make them, unrounded
    #[arg(long, requires = "month", conflicts_with = "saidas_caixa")]
    pub contratos: bool,
    /// Open the figures of this category of cash in alone
    #[arg(long, value_name = "CATEGORY", requires = "contratos")]
    pub category: Option<Category>,
    /// List so many contratos of each figure, and the rest as a sum
    #[arg(long, value_name = "N", default_value_t = 20, requires = "contratos")]
    pub top: usize,
    /// Show the figures as they stood at the end of this day in São Paulo
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day, conflicts_with = "contratos")]
    pub as_of: Option<NaiveDate>,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `diff`.
#[derive(Debug, Clone, Args)]
pub struct DiffArgs {
    /// Begin with the figures as this run left them, or as they stood at the end of this day in São
    /// Paulo [default: before the newest run, or the run of --to]
    #[arg(long, value_name = "RUN|YYYY-MM-DD")]
    pub from: Option<Moment>,
    /// End with the figures as this run left them, or as they stood at the end of this day [default:
    /// now]
    #[arg(long, value_name = "RUN|YYYY-MM-DD")]
    pub to: Option<Moment>,
    /// Compare closed months, as they were signed off, with now
    #[arg(long, conflicts_with_all = ["from", "to"])]
    pub since_close: bool,
    /// Compare the figures of this empreendimento alone, by the ERP's code
    #[arg(long, value_name = "ID")]
    pub empreendimento_id: Option<EmpreendimentoId>,
    /// Compare this month alone
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Option<Month>,
    /// Leave out amounts that differ by less, and figures that are no amounts
    #[arg(long, value_name = "AMOUNT")]
    pub min: Option<Decimal>,
    /// Show the N largest differences, opened to the contratos that moved them where the last two
    /// commits say so; JSON has the others as well, without contratos
    #[arg(long, value_name = "N", default_value_t = 20)]
    pub top: usize,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Write a line for each figure that differs
    #[arg(long, value_name = "FILE", conflicts_with = "json")]
    pub csv: Option<PathBuf>,
}

/// Arguments of `close`.
#[derive(Debug, Clone, Args)]
pub struct CloseArgs {
    /// Close this month
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Month,
    /// Close the figures of these empreendimentos alone, by the ERP's code, without cash out
    /// [default: all, and the cash out]
    #[arg(long, value_name = "ID,…", value_delimiter = ',')]
    pub empreendimento_ids: Vec<EmpreendimentoId>,
    /// Say what was signed off, and by whom
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub note: String,
    /// Close the month although it is not over, incomplete or failed
    #[arg(long)]
    pub force: bool,
}

/// Arguments of `reopen`.
#[derive(Debug, Clone, Args)]
pub struct ReopenArgs {
    /// Reopen this month
    #[arg(long, value_name = "YYYY-MM")]
    pub month: Month,
    /// Say why
    #[arg(long, value_name = "TEXT", value_parser = NonEmptyStringValueParser::new())]
    pub note: String,
}

/// Arguments of `closes`.
#[derive(Debug, Clone, Args)]
pub struct ClosesArgs {
    /// Compute the digest of each close anew over the rows that are kept. Exit with 6 when one is
    /// another
    #[arg(long)]
    pub verify: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
