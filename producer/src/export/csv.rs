//! The rows as csv, a file for each table.

use std::borrow::Cow;
use std::fmt::Display;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use chrono::{DateTime, NaiveDate, SecondsFormat, Utc};
use chrono_tz::America::Sao_Paulo;
use csv::{Terminator, Writer, WriterBuilder};
use domain::month::Month;
use rust_decimal::Decimal;
use store::{Cell, FigureTable, Store};

use super::Exported;
use super::error::ExportError;
use super::file::Unfinished;
use super::found::Found;
use super::missing::missing;
use super::reader::each_cell;
use super::request::Request;
use super::table::key_columns;
use crate::cli::Dialect;
use crate::error::CommandError;

/// By which Excel knows UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";
/// What a cell begins with that a spreadsheet takes for a formula, or skips to get at one.
const FORMULA: [char; 7] = ['=', '+', '-', '@', '\t', '\r', '\n'];
/// Bytes written at once.
const BUFFER: usize = 64 * 1024;

/// Writes the tables of a request, each to its file; `progress` is told of each row.
///
/// # Errors
/// When the database fails, or a file cannot be written. Then none has changed.
pub async fn csv(
    store: &dyn Store,
    request: &Request,
    out: &Path,
    dialect: Dialect,
    mut progress: impl FnMut(),
) -> Result<Exported, CommandError> {
    let begin = |table: &FigureTable| {
        let path = match request.tables.len() {
            1 => out.to_owned(),
            _ => path_of(out, *table),
        };
        CsvFile::begin(&path, *table, dialect).map(|file| (*table, file))
    };
    // All of them at once, so that a path that cannot be written fails before anything is read.
    let begun = request.tables.iter().map(begin);
    let mut begun = begun.collect::<Result<Vec<_>, _>>()?;
    let mut found = Found::default();
    for (table, file) in &mut begun {
        found.begin(*table);
        each_cell(store, request, *table, |cell| {
            found.add(cell);
            file.row(cell)?;
            progress();
            Ok(())
        })
        .await?;
    }
    let missing = missing(store, request, &found).await?;
    let whole = begun.into_iter().map(|(_, file)| file.end());
    let whole = whole.collect::<Result<Vec<_>, _>>()?;
    let files = whole.into_iter().map(Unfinished::finish);
    Ok(Exported {
        files: files.collect::<Result<_, _>>()?,
        rows: found.rows(),
        missing,
    })
}

/// Where one of several tables goes: `figures.csv` becomes `figures-entradas_caixa.csv`.
fn path_of(out: &Path, table: FigureTable) -> PathBuf {
    let (Some(stem), extension) = (out.file_stem(), out.extension()) else {
        return out.to_owned();
    };
    let mut name = stem.to_owned();
    name.push("-");
    name.push(table.name());
    if let Some(extension) = extension {
        name.push(".");
        name.push(extension);
    }
    out.with_file_name(name)
}

/// A file of one table.
struct CsvFile {
    writer: Writer<Unfinished>,
    columns: &'static [(&'static str, u32)],
    has_category: bool,
    dialect: Dialect,
}

impl CsvFile {
    /// Begins the file with its header: the columns as the database calls them.
    fn begin(path: &Path, table: FigureTable, dialect: Dialect) -> Result<Self, ExportError> {
        let mut file = Unfinished::at(path)?;
        let delimiter = match dialect {
            Dialect::Br => {
                let mark = file.write_all(BYTE_ORDER_MARK);
                mark.map_err(|error| file.failed(error))?;
                b';'
            }
            Dialect::Rfc => b',',
        };
        let writer = WriterBuilder::new()
            .delimiter(delimiter)
            .terminator(Terminator::CRLF)
            .buffer_capacity(BUFFER)
            .from_writer(file);
        let key = key_columns(table);
        let mut csv = Self {
            writer,
            columns: table.columns(),
            has_category: key.category.is_some(),
            dialect,
        };
        let mut header = vec![key.owner, key.month];
        header.extend(key.category);
        header.push(key.nome);
        header.extend(csv.columns.iter().map(|(column, _)| *column));
        header.extend(["as_of", "run_id", "written_at"]);
        csv.record(&header)?;
        Ok(csv)
    }

    fn row(&mut self, cell: &Cell) -> Result<(), ExportError> {
        let dialect = self.dialect;
        let mut fields: Vec<Cow<'_, str>> = vec![
            cell.key.owner.to_string().into(),
            dialect.month(cell.key.ref_month).into(),
        ];
        if self.has_category {
            fields.push(neutral(&cell.key.category));
        }
        fields.push(neutral(&cell.nome));
        for ((_, decimals), value) in self.columns.iter().zip(&cell.values) {
            fields.push(dialect.amount(*value, *decimals).into());
        }
        let as_of = cell.as_of.map(|day| dialect.day(day));
        fields.push(as_of.unwrap_or_default().into());
        fields.push(cell.run.as_str().into());
        fields.push(dialect.time(cell.at).into());
        self.record(fields.iter().map(|field| field.as_bytes()))
    }

    fn record(
        &mut self,
        fields: impl IntoIterator<Item = impl AsRef<[u8]>>,
    ) -> Result<(), ExportError> {
        let written = self.writer.write_record(fields);
        written.map_err(|error| self.writer.get_ref().failed(error.into()))
    }

    /// Writes what is buffered.
    fn end(self) -> Result<Unfinished, ExportError> {
        self.writer.into_inner().map_err(|error| {
            let why = io::Error::new(error.error().kind(), error.error().to_string());
            error.into_inner().get_ref().failed(why)
        })
    }
}

/// Text as a spreadsheet reads no formula from it: with an apostrophe before what would begin one.
pub(crate) fn neutral(text: &str) -> Cow<'_, str> {
    match text.starts_with(FORMULA) {
        true => format!("'{text}").into(),
        false => text.into(),
    }
}

impl Dialect {
    /// An amount with so many decimals, without points between thousands.
    fn amount(self, mut value: Decimal, decimals: u32) -> String {
        value.rescale(decimals);
        let text = value.to_string();
        match self {
            Self::Br => text.replace('.', ","),
            Self::Rfc => text,
        }
    }

    /// A month: for a spreadsheet its first day, else as the database has it.
    fn month(self, month: Month) -> String {
        match self {
            Self::Br => self.day(month.first_day()),
            Self::Rfc => month.to_string(),
        }
    }

    fn day(self, day: NaiveDate) -> String {
        written(match self {
            Self::Br => day.format("%d/%m/%Y"),
            Self::Rfc => day.format("%Y-%m-%d"),
        })
    }

    /// A moment: as the clocks of São Paulo show it, or in UTC.
    fn time(self, at: DateTime<Utc>) -> String {
        match self {
            Self::Br => written(at.with_timezone(&Sao_Paulo).format("%d/%m/%Y %H:%M:%S")),
            Self::Rfc => at.to_rfc3339_opts(SecondsFormat::AutoSi, true),
        }
    }
}

fn written(format: impl Display) -> String {
    format.to_string()
}

#[cfg(test)]
mod tests;
