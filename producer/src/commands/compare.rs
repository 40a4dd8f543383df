//! `compare`: the tables of the replaced system beside ours.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use store::{ComparedTable, StoreError};

use crate::cli::CompareArgs;
use crate::compare::{self, Accepted};
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::services::settings;

/// Compares, prints what was found, and says whether a person must decide.
///
/// # Errors
/// When a database fails, or a file cannot be read or written.
pub async fn compare(console: &mut Console<'_>, args: &CompareArgs) -> Result<Exit, CommandError> {
    let program = console.program();
    let (ours, theirs) = settings(|source| {
        let ours = program.database_url(source);
        let theirs = source.secret("LEGACY_DATABASE_URL").ok();
        ours.zip(theirs)
    })?;
    let urls = [Some(&ours), theirs.as_ref()];
    if urls.into_iter().flatten().any(store::is_file) {
        let why = "compare reads PostgreSQL; a SQLite file has no old tables beside it";
        return Err(StoreError::Unsuitable(why.to_owned()).into());
    }
    let mut accepted = match &args.accept {
        Some(file) => Accepted::read(file)?,
        None => Accepted::default(),
    };
    let mut csv = csv::Writer::from_writer(output(args.csv.as_deref())?);
    let [mut ours, mut theirs] =
        compare::snapshots(&ours, theirs.as_ref(), &args.legacy_schema).await?;
    let bar = bar(console.is_terminal());
    let report = compare::compare(
        [&mut ours, &mut theirs],
        &args.month,
        args.tolerance,
        &mut accepted,
        &mut csv,
        |table| {
            bar.set_message(table.to_string());
            bar.inc(1);
        },
    )
    .await;
    bar.finish_and_clear();
    let report = report?;
    match args.json {
        true => console.json(&report)?,
        false => console.data(&report.text())?,
    }
    Ok(match (report.adds_up, report.unexplained) {
        (false, _) => Exit::Other,
        (true, 0) => Exit::Done,
        (true, _) => Exit::Decide,
    })
}

fn output(file: Option<&Path>) -> Result<Box<dyn Write + Send>, CommandError> {
    Ok(match file {
        Some(file) => Box::new(File::create(file).map_err(CommandError::Output)?),
        None => Box::new(io::sink()),
    })
}

fn bar(is_terminal: bool) -> ProgressBar {
    let bar = ProgressBar::new(ComparedTable::ALL.len() as u64);
    if !is_terminal {
        bar.set_draw_target(ProgressDrawTarget::hidden());
    }
    let style = ProgressStyle::with_template("{spinner} [{bar:24}] {pos}/{len} {msg}");
    bar.set_style(style.expect("the template is one"));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}
