//! The flags of a command where they come from elsewhere than the command line.

use std::ffi::OsString;

use clap::{Args, Command};

/// Reads flags as the command reads them.
///
/// # Errors
/// When the command would refuse them.
pub fn read_flags<A: Args>(
    flags: impl IntoIterator<Item = impl Into<OsString> + Clone>,
) -> Result<A, clap::Error> {
    let command = Command::new("flags").no_binary_name(true);
    let matches = A::augment_args(command).try_get_matches_from(flags)?;
    A::from_arg_matches(&matches)
}

/// What is wrong with flags, on one line and without the usage.
pub fn said(error: &clap::Error) -> String {
    let text = error.to_string();
    // Usage and hints follow, after an empty line.
    let said = text.lines().take_while(|line| !line.is_empty());
    let said = said.map(str::trim).collect::<Vec<_>>().join(" ");
    said.trim_start_matches("error: ").to_owned()
}
