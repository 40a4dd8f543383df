//! `export`: the figures as files.

use std::path::Path;
use std::time::Duration;

use chrono::Utc;
use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use store::Store;
use tokio_util::sync::CancellationToken;

use crate::cli::{ExportArgs, ExportFormat};
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::export::{self, ExportError, Exported, Request, View};
use crate::text::list;

/// Exports, and tells what was written and what is missing in it. `stop` ends it; then nothing is
/// written.
///
/// # Errors
/// When the database fails, or a file cannot be written.
pub async fn export(
    console: &mut Console<'_>,
    store: &dyn Store,
    args: &ExportArgs,
    stop: CancellationToken,
) -> Result<Exit, CommandError> {
    if args.out == Path::new("-") {
        return Err(ExportError::Stdout.into());
    }
    if args.format == ExportFormat::Xlsx && args.dialect.is_some() {
        return Err(ExportError::Dialect.into());
    }
    let request = Request::of(args, Utc::now());
    let bar = bar(console.is_terminal(), rows(store, &request).await?);
    let exporting = async {
        let progress = || bar.inc(1);
        match args.format {
            ExportFormat::Xlsx => export::xlsx(store, &request, &args.out, progress).await,
            ExportFormat::Csv => {
                let dialect = args.dialect.unwrap_or_default();
                export::csv(store, &request, &args.out, dialect, progress).await
            }
        }
    };
    let exported = tokio::select! {
        exported = exporting => exported,
        () = stop.cancelled() => Err(ExportError::Interrupted.into()),
    };
    bar.finish_and_clear();
    tell(console, &exported?);
    Ok(Exit::Done)
}

/// How many rows there will be, where the tables say so.
async fn rows(store: &dyn Store, request: &Request) -> Result<Option<u64>, CommandError> {
    if request.months.is_some() || !matches!(request.view, View::Now(_)) {
        return Ok(None);
    }
    let totals = store.totals().await?;
    let names: Vec<_> = request.tables.iter().map(|table| table.name()).collect();
    let wanted = totals.iter().filter(|total| names.contains(&total.table));
    Ok(Some(wanted.map(|total| total.rows).sum()))
}

fn bar(is_terminal: bool, rows: Option<u64>) -> ProgressBar {
    let target = match is_terminal {
        true => ProgressDrawTarget::stderr(),
        false => ProgressDrawTarget::hidden(),
    };
    let bar = ProgressBar::with_draw_target(rows, target);
    let template = match rows {
        Some(_) => "{spinner} [{bar:24}] {pos}/{len} rows, {elapsed}",
        None => "{spinner} {pos} rows, {elapsed}",
    };
    let style = ProgressStyle::with_template(template);
    bar.set_style(style.expect("the template is one"));
    bar.enable_steady_tick(Duration::from_millis(100));
    bar
}

fn tell(console: &mut Console<'_>, exported: &Exported) {
    let files = exported.files.iter();
    let files = files.map(|(file, bytes)| format!("{} ({})", file.display(), size(*bytes)));
    console.narrate(&format!("{} rows: {}", exported.rows, list(files)));
    if !exported.missing.is_empty() {
        console.narrate(&format!("PARCIAL: {}", exported.missing.told()));
    }
}

/// A number of bytes in the unit that people read it in.
fn size(bytes: u64) -> String {
    match bytes {
        ..1_000 => format!("{bytes} B"),
        1_000..1_000_000 => format!("{} kB", bytes / 1_000),
        _ => format!("{:.1} MB", bytes as f64 / 1e6),
    }
}
