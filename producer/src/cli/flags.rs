//! The flags of `backfill` where they come from elsewhere than the command line.

use std::ffi::OsString;

use clap::Parser;

use super::BackfillArgs;

/// The flags alone.
#[derive(Debug, Parser)]
#[command(no_binary_name = true)]
struct Flags {
    #[command(flatten)]
    backfill: BackfillArgs,
}

impl BackfillArgs {
    /// Reads flags as the command reads them.
    ///
    /// # Errors
    /// When the command would refuse them.
    pub fn of(
        flags: impl IntoIterator<Item = impl Into<OsString> + Clone>,
    ) -> Result<Self, clap::Error> {
        Ok(Flags::try_parse_from(flags)?.backfill)
    }
}

/// What is wrong with flags, on one line and without the usage.
pub fn said(error: &clap::Error) -> String {
    let text = error.to_string();
    // Usage and hints follow, after an empty line.
    let said = text.lines().take_while(|line| !line.is_empty());
    let said = said.map(str::trim).collect::<Vec<_>>().join(" ");
    said.trim_start_matches("error: ").to_owned()
}
