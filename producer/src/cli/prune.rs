//! The command that removes what is old.

use chrono::Days;
use clap::Args;

use crate::prune::{DEFAULT_AFTER, parse_age};

/// Arguments of `prune`.
#[derive(Debug, Clone, Args)]
pub struct PruneArgs {
    /// Remove what is older than so many days, 30d at least
    #[arg(
        long,
        value_name = "DAYS",
        env = "MEGA_SYNC_PRUNE_AFTER",
        hide_env_values = true,
        default_value = DEFAULT_AFTER,
        value_parser = parse_age
    )]
    pub older_than: Days,
    /// Count what would be removed from the ledger, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
