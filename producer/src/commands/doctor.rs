//! `doctor`: the settings and services that a run needs, checked.

use runtime::environment::Source;

use crate::cli::DoctorArgs;
use crate::console::Console;
use crate::doctor::{Report, Settings, examine, text};
use crate::error::CommandError;
use crate::exit::Exit;

/// Checks every setting and service, and prints what to do about problems. Changes nothing, except
/// that with `--sign-in` a session is begun and kept where there is none.
///
/// # Errors
/// When the report cannot be written. Every other problem is in the report and its exit code.
pub async fn doctor(console: &mut Console<'_>, args: &DoctorArgs) -> Result<Exit, CommandError> {
    let program = console.program();
    let settings = Settings::read(program, Source::environment());
    let report = Report::new(examine(program, &settings, args.sign_in).await);
    match args.json {
        true => console.json(&report)?,
        false => console.data(&text(&report))?,
    }
    Ok(report.exit())
}
