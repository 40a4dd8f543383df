//! The figures as an Excel workbook in Portuguese.
//!
//! Every sheet is written row by row to an unnamed file in the folder of the workbook, and compressed
//! into it at the end. Excel shows numbers and dates as its own language does.

mod figures;
mod formats;
mod ledger;
mod sheet;
mod summary;

use std::io::{BufWriter, Write as _};
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, XlsxError};
use store::Store;

use self::figures::Figures;
use self::formats::Formats;
use super::Exported;
use super::error::ExportError;
use super::file::{Unfinished, folder_of};
use super::found::Found;
use super::missing::missing;
use super::reader::each_cell;
use super::request::Request;
use crate::error::CommandError;

/// Writes a request as a workbook; `progress` is told of each row.
///
/// # Errors
/// When the database fails, or the file cannot be written. Then it is as it was.
pub async fn xlsx(
    store: &dyn Store,
    request: &Request,
    out: &Path,
    mut progress: impl FnMut(),
) -> Result<Exported, CommandError> {
    let file = Unfinished::at(out)?;
    let mut workbook = Workbook::new();
    // Not the system's folder for temporary files, which is memory on some machines.
    let folder = workbook.set_tempdir(folder_of(out));
    folder.map_err(|error| ExportError::unwritable(out, error))?;
    let formats = Formats::new();
    let mut found = Found::default();
    let mut tables = Vec::new();
    for table in &request.tables {
        found.begin(*table);
        let mut figures = Figures::begin(&mut workbook, &formats, *table)?;
        each_cell(store, request, *table, |cell| {
            found.add(cell);
            figures.row(&mut workbook, cell)?;
            progress();
            Ok(())
        })
        .await?;
        tables.push(figures.end()?);
    }
    let missing = missing(store, request, &found).await?;
    let proofs = ledger::write(store, &mut workbook, &formats, request.view, &found).await?;
    let summary = summary::write(&mut workbook, &formats, request, &found, &missing, &tables);
    workbook.push_worksheet(summary?);
    for worksheet in tables.into_iter().flat_map(|table| table.worksheets) {
        workbook.push_worksheet(worksheet);
    }
    for worksheet in proofs {
        workbook.push_worksheet(worksheet);
    }
    workbook.set_properties(&properties(&found)?);
    Ok(Exported {
        files: vec![save(&mut workbook, file)?],
        rows: found.rows(),
        missing,
    })
}

/// Its time is that of the newest figure, and not of the export.
fn properties(found: &Found) -> Result<DocProperties, XlsxError> {
    let newest = found.newest.map_or(0, |at| at.timestamp());
    Ok(DocProperties::new()
        .set_title("Valores do fluxo de caixa")
        .set_author("mega-sync")
        .set_creation_datetime(&ExcelDateTime::from_timestamp(newest)?))
}

fn save(workbook: &mut Workbook, file: Unfinished) -> Result<(PathBuf, u64), ExportError> {
    let mut writer = BufWriter::new(file);
    let saved = workbook.save_to_writer(&mut writer);
    saved.map_err(|error| match error {
        XlsxError::IoError(why) => writer.get_ref().failed(why),
        other => other.into(),
    })?;
    let flushed = writer.flush();
    flushed.map_err(|error| writer.get_ref().failed(error))?;
    let (file, _) = writer.into_parts();
    file.finish()
}

impl From<XlsxError> for CommandError {
    fn from(error: XlsxError) -> Self {
        ExportError::from(error).into()
    }
}
