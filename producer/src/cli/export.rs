//! The command `export`.

use std::path::PathBuf;
use std::str::FromStr;

use chrono::NaiveDate;
use clap::builder::{PossibleValuesParser, TypedValueParser as _};
use clap::{Args, ValueEnum};
use domain::month::Month;
use store::FigureTable;
use strum::VariantNames as _;
use thiserror::Error;

use super::day;

/// Arguments of `export`.
#[derive(Debug, Clone, Args)]
pub struct ExportArgs {
    /// Write an Excel workbook, or csv
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: ExportFormat,
    /// Write this file, replacing an earlier one. Several tables as csv are a file each: figures.csv
    /// becomes figures-entradas_caixa.csv and so on
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
    /// Export these tables [default: all]
    #[arg(
        long,
        value_name = "TABLE,…",
        value_delimiter = ',',
        value_parser = PossibleValuesParser::new(FigureTable::VARIANTS).map(|text| {
            text.parse::<FigureTable>().expect("one of the possible values")
        })
    )]
    pub tables: Vec<FigureTable>,
    /// Export these months, both included, such as 2026-01..2026-12, or one [default: all]
    #[arg(long, value_name = "A..B")]
    pub months: Option<Months>,
    /// Export the figures as they were at the end of this day in America/Sao_Paulo [default: now]
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day, conflicts_with = "closed")]
    pub as_of: Option<NaiveDate>,
    /// Export the closed months alone, as they were signed off
    #[arg(long)]
    pub closed: bool,
    /// Write this kind of csv [default: br]
    #[arg(long, value_enum, value_name = "DIALECT")]
    pub dialect: Option<Dialect>,
}

/// A kind of file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// A workbook: a summary, a sheet for each table, proofs and provenance.
    Xlsx,
    /// The rows alone, under the names of their columns.
    Csv,
}

/// A kind of csv. Both are UTF-8 with CRLF at the line ends.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Dialect {
    /// For Excel in Portuguese: semicolons, decimal commas, dd/mm/yyyy, a byte order mark.
    #[default]
    Br,
    /// RFC 4180: commas, decimal points, ISO dates.
    Rfc,
}

/// A period of whole months, both ends included, written `2026-01..2026-12` or `2026-01`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Months {
    /// The first.
    pub first: Month,
    /// The last; not before the first.
    pub last: Month,
}

/// A text that is not a period of months.
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[error("not a period of months, written YYYY-MM..YYYY-MM or YYYY-MM")]
pub struct MonthsError;

impl Months {
    /// Each of them, in order.
    pub fn each(self) -> impl Iterator<Item = Month> {
        Month::touched(self.first.first_day(), self.last.first_day())
    }
}

impl FromStr for Months {
    type Err = MonthsError;

    fn from_str(text: &str) -> Result<Self, MonthsError> {
        let (first, last) = text.split_once("..").unwrap_or((text, text));
        let month = |text: &str| text.parse::<Month>().map_err(|_| MonthsError);
        let (first, last) = (month(first)?, month(last)?);
        match first <= last {
            true => Ok(Self { first, last }),
            false => Err(MonthsError),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_a_period_or_one() {
        for (text, first, last, count) in [
            ("2026-01..2026-12", "2026-01", "2026-12", 12),
            ("2025-12..2026-01", "2025-12", "2026-01", 2),
            ("2026-03..2026-03", "2026-03", "2026-03", 1),
            ("2026-03", "2026-03", "2026-03", 1),
        ] {
            let months: Months = text.parse().unwrap();
            let ends = [months.first, months.last].map(|month| month.to_string());
            assert_eq!(ends, [first, last], "{text}");
            assert_eq!(months.each().count(), count, "{text}");
        }
    }

    #[test]
    fn other_periods_are_refused() {
        for text in [
            "",
            "..",
            "2026-01..",
            "..2026-01",
            "2026-12..2026-01",
            "2026-01..2026-13",
            "2026-01-01..2026-02-01",
            "2026-01...2026-02",
            "2026",
        ] {
            assert_eq!(text.parse::<Months>(), Err(MonthsError), "{text}");
        }
    }
}
