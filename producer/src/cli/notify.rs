//! The arguments of what is told without being asked.

use clap::{Args, Subcommand};

use crate::notify::MaxAge;

/// The commands of `notify`.
#[derive(Debug, Clone, Subcommand)]
pub enum NotifyCommand {
    /// Send a test message over every configured channel
    Test,
    /// List the newest notifications, and what became of each
    List(NotifyListArgs),
}

/// Arguments of `notify list`.
#[derive(Debug, Clone, Args)]
pub struct NotifyListArgs {
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}

/// Arguments of `check-freshness`.
#[derive(Debug, Clone, Args)]
pub struct FreshnessArgs {
    /// How long ago the last complete run may have ended, such as 26h, 90m or 2d
    #[arg(long, value_name = "AGE", env = "MEGA_SYNC_NOTIFY_MAX_AGE", hide_env_values = true,
          default_value_t = MaxAge::DEFAULT)]
    pub max_age: MaxAge,
    /// Print JSON
    #[arg(long)]
    pub json: bool,
}
