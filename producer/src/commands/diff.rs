//! `diff`: the figures that differ between two times, or from what was signed off.

use std::io;
use std::path::Path;

use store::Store;

use crate::cli::DiffArgs;
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::export::neutral;
use crate::render;
use crate::report::{Between, DiffFilter, FigureChange, diff as compare, times};

/// Compares the figures with those of another time.
///
/// # Errors
/// When there is no such run, a file cannot be written, or the database fails.
pub async fn diff(
    console: &mut Console<'_>,
    store: &dyn Store,
    args: &DiffArgs,
) -> Result<Exit, CommandError> {
    let between = match args.since_close {
        true => Between::CloseAndNow,
        false => times(store, args.from.as_ref(), args.to.as_ref()).await?,
    };
    let filter = DiffFilter {
        empreendimento: args.empreendimento_id,
        month: args.month,
        min: args.min,
        top: args.top,
    };
    let diff = compare(store, &between, &filter).await?;
    if let Some(file) = &args.csv {
        write(file, &diff.figures).map_err(CommandError::Output)?;
    }
    match args.json {
        true => console.json(&diff)?,
        false => console.data(&render::diff(&diff, args.top))?,
    }
    Ok(Exit::Done)
}

/// A line for each figure.
fn write(file: &Path, figures: &[FigureChange]) -> io::Result<()> {
    let mut csv = csv::Writer::from_path(file)?;
    csv.write_record([
        "table",
        "code",
        "nome",
        "month",
        "category",
        "column",
        "before",
        "after",
        "difference",
        "run",
        "at",
    ])?;
    for figure in figures {
        let value = |value: Option<rust_decimal::Decimal>| value.map(|value| value.to_string());
        csv.write_record([
            figure.table.name(),
            &figure.code.to_string(),
            &neutral(&figure.nome),
            &figure.month.to_string(),
            &neutral(figure.category.as_deref().unwrap_or_default()),
            figure.column,
            &value(figure.before).unwrap_or_default(),
            &value(figure.after).unwrap_or_default(),
            &figure.difference.to_string(),
            &figure.run.to_string(),
            &figure.at.to_rfc3339(),
        ])?;
    }
    csv.flush()
}
