//! `ipca`: the monthly indices by which contrato values are corrected.

use std::fmt::Write as _;
use std::path::Path;

use domain::month::Month;
use rust_decimal::Decimal;
use store::{Indices, IpcaLoad};

use crate::cli::IpcaCommand;
use crate::console::Console;
use crate::error::CommandError;
use crate::exit::Exit;
use crate::ipca::{self, IpcaError, IpcaSource};
use crate::services::settings;
use crate::text::{counted, list};

/// Loads the indices of the central bank's series or of a file, and says what changed.
///
/// # Errors
/// When they cannot be fetched or read, or the database fails.
pub async fn ipca(
    console: &mut Console<'_>,
    store: &dyn Indices,
    command: &IpcaCommand,
) -> Result<Exit, CommandError> {
    let (origin, text) = match command {
        IpcaCommand::Fetch => {
            let source = settings(IpcaSource::read)?;
            (source.name(), ipca::fetch(&source).await?)
        }
        IpcaCommand::Import { file } => (file.display().to_string(), read(file)?),
    };
    let indices = ipca::parse(&text).map_err(|why| IpcaError::Unreadable {
        origin: origin.clone(),
        why,
    })?;
    let load = IpcaLoad {
        source: origin,
        by: console.who_asks(),
    };
    let changes = store.load_ipca(&indices, &load).await?;
    let mut told = format!(
        "{} added{}\n",
        counted(changes.added.len(), "month"),
        span(&changes.added)
    );
    for (month, before, now) in &changes.revised {
        _ = writeln!(told, "{month} revised: {before} to {now}");
    }
    let held = store.ipca().await?;
    told += &of_the_table(&held);
    console.data(&told)?;
    if !changes.added.is_empty() || !changes.revised.is_empty() {
        console.narrate("the next run corrects contrato values with these indices");
    }
    Ok(Exit::Done)
}

fn read(file: &Path) -> Result<String, IpcaError> {
    std::fs::read_to_string(file).map_err(|error| IpcaError::File {
        file: file.display().to_string(),
        why: error.to_string(),
    })
}

/// The first and the last of some months.
fn span(months: &[Month]) -> String {
    match (months.first(), months.last()) {
        (Some(first), Some(last)) if first != last => format!(": {first} to {last}"),
        (Some(month), _) => format!(": {month}"),
        _ => String::new(),
    }
}

/// What the table holds now, and what it lacks.
fn of_the_table(held: &[(Month, Decimal)]) -> String {
    let months: Vec<_> = held.iter().map(|(month, _)| *month).collect();
    let mut text = format!(
        "{} in ipca_mensal{}\n",
        counted(months.len(), "month"),
        span(&months)
    );
    let gaps = ipca::gaps(months);
    if !gaps.is_empty() {
        _ = writeln!(
            text,
            "missing in between: {}; values signed before are not corrected beyond",
            list(&gaps)
        );
    }
    text
}
