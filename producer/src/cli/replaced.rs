//! The commands about the replaced system: what it left, and the readers that stay.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use domain::month::Month;
use rust_decimal::Decimal;
use store::SchemaName;

/// The commands of `views`.
#[derive(Debug, Clone, Subcommand)]
pub enum ViewsCommand {
    /// Create the views in a schema of their own, or replace them
    Install(ViewsInstallArgs),
    /// Take over the ids that the old tables have given to codes since
    Refresh {
        /// The schema of the views
        #[arg(long, value_name = "SCHEMA")]
        into: SchemaName,
        /// Keep every id as it is from now on: for the moment when the readers switch
        #[arg(long)]
        freeze: bool,
    },
    /// Drop the views with their ids and their schema
    Drop {
        /// The schema of the views
        #[arg(long, value_name = "SCHEMA")]
        into: SchemaName,
    },
}

/// Arguments of `views install`.
#[derive(Debug, Clone, Args)]
pub struct ViewsInstallArgs {
    /// The readers
    #[arg(long = "for", value_enum, value_name = "READERS")]
    pub readers: Readers,
    /// The schema of the old tables
    #[arg(long, value_name = "SCHEMA", default_value = "public")]
    pub legacy_schema: SchemaName,
    /// The schema for the views, which is created
    #[arg(long, value_name = "SCHEMA")]
    pub into: SchemaName,
    /// Let this role read the views, and write rows of other origins through them
    #[arg(long, value_name = "ROLE")]
    pub grant: Option<SchemaName>,
    /// Show old rows of the months before this one where there are none of ours
    #[arg(long, value_name = "YYYY-MM")]
    pub floor_month: Option<Month>,
    /// Print the statements and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// The commands of `history`.
#[derive(Debug, Clone, Subcommand)]
pub enum HistoryCommand {
    /// Import months that no run has fetched, and the days on which payables were settled
    ///
    /// The rows become those of a run of their own, which explain names. A run that covers such a
    /// month replaces them. Codes that the ERP lists no more are created inactive, with all their
    /// months. Done again, it replaces what it imported before.
    Import(HistoryImportArgs),
}

/// Arguments of `history import`.
#[derive(Debug, Clone, Args)]
pub struct HistoryImportArgs {
    /// The schema of the old tables, in the same database
    #[arg(long, value_name = "SCHEMA", default_value = "public")]
    pub legacy_schema: SchemaName,
    /// Import the months before this one [default: for each code, before its first
    /// month that a run has written]
    #[arg(long, value_name = "YYYY-MM")]
    pub floor_month: Option<Month>,
    /// Tell what would be imported and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Arguments of `compare`.
#[derive(Debug, Clone, Args)]
pub struct CompareArgs {
    /// The schema of the old tables
    #[arg(long, value_name = "SCHEMA", default_value = "public")]
    pub legacy_schema: SchemaName,
    /// Compare these months [default: those that both hold]
    #[arg(long, value_name = "YYYY-MM,…", value_delimiter = ',')]
    pub month: Vec<Month>,
    /// Amounts that differ by no more are equal
    #[arg(long, value_name = "AMOUNT", default_value = "0.01")]
    pub tolerance: Decimal,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
    /// Write a line for each figure that is not equal
    #[arg(long, value_name = "FILE")]
    pub csv: Option<PathBuf>,
    /// Differences that are signed off: table,key,figure,ours,theirs,reason
    #[arg(long, value_name = "FILE")]
    pub accept: Option<PathBuf>,
}

/// Systems whose readers have views.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Readers {
    /// The reports and the API over the tables of the system that this one replaces.
    Starke,
}
