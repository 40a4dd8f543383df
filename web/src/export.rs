//! The figures as a file, as the command `export` makes it.

use std::fs::File;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use axum::Extension;
use axum::body::Body;
use axum::extract::Query;
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse as _, Response};
use producer::cli::{ExportArgs, ExportFormat, read_flags};
use producer::commands::export;
use producer::error::CommandError;
use store::Store;
use tokio::runtime::Handle;
use tokio_util::io::ReaderStream;
use tokio_util::sync::CancellationToken;

use crate::acting::as_command;
use crate::error::{refused, unreadable};
use crate::fields::{switches, values};
use crate::months::asked_day;
use crate::shell::Shell;

/// What is to be in the file: the flags of the command, one by one.
#[derive(Debug, Default, serde::Deserialize)]
#[serde(default)]
pub struct Asked {
    format: String,
    /// One of the tables; csv has no other form.
    table: String,
    months: String,
    as_of: String,
    /// `on` for closed months as they were signed off.
    closed: String,
}

impl Asked {
    /// As the command has it; `None` where it cannot be read: a file of something else would be taken for
    /// what was asked for.
    fn arguments(&self, folder: &Path) -> Option<ExportArgs> {
        if !self.as_of.is_empty() && asked_day(Some(&self.as_of)).is_none() {
            return None;
        }
        let out = folder.join("figures").display().to_string();
        let values = values([
            ("format", &self.format),
            ("out", &out),
            ("tables", &self.table),
            ("months", &self.months),
            ("as-of", &self.as_of),
        ]);
        let closed = switches([("closed", &self.closed)]);
        let export: ExportArgs = read_flags([values, closed].concat()).ok()?;
        let is_one_file = export.format == ExportFormat::Xlsx || export.tables.len() == 1;
        is_one_file.then_some(export)
    }
}

/// `GET /export`.
pub async fn file(
    Extension(shell): Extension<Shell>,
    Extension(store): Extension<Arc<dyn Store>>,
    Query(asked): Query<Asked>,
) -> Response {
    let folder = match tempfile::tempdir().context("no folder for an export") {
        Ok(folder) => folder,
        Err(error) => return refused(shell, &error.into()),
    };
    let Some(arguments) = asked.arguments(folder.path()) else {
        return unreadable(shell);
    };
    let (kind, name) = (kind(arguments.format), name(&arguments));
    let stop = CancellationToken::new();
    // A reader who leaves ends it.
    let _ends = stop.clone().drop_guard();
    let (here, whose) = (Handle::current(), shell.clone());
    // To write a workbook takes the processor for seconds.
    let made = tokio::task::spawn_blocking(move || {
        here.block_on(as_command(&whose, async |console| {
            export(console, &*store, &arguments, stop).await
        }))?;
        // The file is read to its end although its folder is gone before.
        let file = File::open(folder.path().join("figures")).map_err(CommandError::Output)?;
        Ok::<_, CommandError>(file)
    });
    let made = match made.await.context("an export does not end") {
        Ok(made) => made,
        Err(error) => Err(error.into()),
    };
    match made {
        Ok(file) => {
            let bytes = ReaderStream::new(tokio::fs::File::from_std(file));
            let disposition = format!("attachment; filename=\"{name}\"");
            let headers = [
                (CONTENT_TYPE, kind.to_owned()),
                (CONTENT_DISPOSITION, disposition),
            ];
            (headers, Body::from_stream(bytes)).into_response()
        }
        Err(error) => refused(shell, &error),
    }
}

/// What a browser is told that the file is.
const fn kind(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        ExportFormat::Csv => "text/csv; charset=utf-8",
    }
}

/// What the file is called, by what is in it: `entradas_caixa-2026-01..2026-12.csv`.
fn name(arguments: &ExportArgs) -> String {
    let tables = arguments.tables.iter().map(|table| table.name().to_owned());
    let mut parts: Vec<_> = tables.collect();
    if parts.is_empty() {
        parts.push("mega-sync".to_owned());
    }
    let months = arguments.months.map(|of| match of.first == of.last {
        true => of.first.to_string(),
        false => format!("{}..{}", of.first, of.last),
    });
    parts.extend(months);
    parts.extend(arguments.as_of.map(|day| format!("as-of-{day}")));
    parts.extend(arguments.closed.then(|| "closed".to_owned()));
    let extension = match arguments.format {
        ExportFormat::Xlsx => "xlsx",
        ExportFormat::Csv => "csv",
    };
    format!("{}.{extension}", parts.join("-"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn arguments(table: &str, format: &str, as_of: &str) -> Option<ExportArgs> {
        let asked = Asked {
            format: format.to_owned(),
            table: table.to_owned(),
            months: "2026-01..2026-03".to_owned(),
            as_of: as_of.to_owned(),
            closed: String::new(),
        };
        asked.arguments(Path::new("/tmp/x"))
    }

    #[test]
    fn a_file_is_called_by_what_is_in_it() {
        let csv = arguments("delinquency", "csv", "2026-04-01").unwrap();
        assert_eq!(
            name(&csv),
            "delinquency-2026-01..2026-03-as-of-2026-04-01.csv"
        );
        let xlsx = arguments("", "xlsx", "").unwrap();
        assert_eq!(name(&xlsx), "mega-sync-2026-01..2026-03.xlsx");
    }

    #[test]
    fn what_is_no_one_file_or_cannot_be_read_is_none() {
        for (table, format, as_of) in [
            ("", "csv", ""),
            ("delinquency,saidas_caixa", "csv", ""),
            ("contratos", "xlsx", ""),
            ("", "ods", ""),
            ("", "", ""),
            ("", "xlsx", "+262142-12-31"),
        ] {
            let asked = arguments(table, format, as_of);
            assert!(asked.is_none(), "{table} {format} {as_of}");
        }
    }
}
