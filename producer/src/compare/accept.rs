//! Differences that a person has signed off.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use thiserror::Error;

use super::cell::Cell;

/// A signed-off line: `table,key,figure,ours,theirs,reason`.
#[derive(Debug, Clone, Deserialize)]
struct Row {
    table: String,
    key: String,
    figure: String,
    ours: String,
    theirs: String,
    reason: String,
}

/// The lines of a file, and which of them were met.
#[derive(Debug, Default)]
pub struct Accepted {
    rows: BTreeMap<(String, String, String), (Row, bool)>,
}

/// Why such a file cannot be used.
#[derive(Debug, Error)]
#[error("--accept {file}: {why}")]
pub struct AcceptError {
    file: String,
    why: String,
}

impl Accepted {
    /// Reads a file with the columns `table,key,figure,ours,theirs,reason`, as `--csv` writes them.
    ///
    /// # Errors
    /// When it cannot be read, or a line lacks its reason.
    pub fn read(file: &Path) -> Result<Self, AcceptError> {
        let failed = |why: String| AcceptError {
            file: file.display().to_string(),
            why,
        };
        let mut reader = csv::Reader::from_path(file).map_err(|error| failed(error.to_string()))?;
        let mut rows = BTreeMap::new();
        for row in reader.deserialize() {
            let row: Row = row.map_err(|error| failed(error.to_string()))?;
            if row.reason.trim().is_empty() {
                return Err(failed(format!(
                    "{} {}: there is no reason",
                    row.table, row.key
                )));
            }
            let key = (row.table.clone(), row.key.clone(), row.figure.clone());
            rows.insert(key, (row, false));
        }
        Ok(Self { rows })
    }

    /// Whether a cell is signed off with these figures.
    pub fn covers(&mut self, cell: &Cell) -> bool {
        let key = (
            cell.table.to_string(),
            cell.key.join("|"),
            cell.figure.to_owned(),
        );
        let Some((row, met)) = self.rows.get_mut(&key) else {
            return false;
        };
        let same =
            |text: &str, figure: &Option<String>| text == figure.as_deref().unwrap_or_default();
        let covers = same(&row.ours, &cell.ours) && same(&row.theirs, &cell.theirs);
        *met |= covers;
        covers
    }

    /// The lines that no longer hold.
    pub fn unmet(&self) -> Vec<String> {
        let unmet = self.rows.values().filter(|(_, met)| !met);
        unmet
            .map(|(row, _)| format!("{} {} {}: {}", row.table, row.key, row.figure, row.reason))
            .collect()
    }
}
