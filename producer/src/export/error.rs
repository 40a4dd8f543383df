//! Why an export does not come about.

use std::io;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::XlsxError;
use thiserror::Error;

use crate::exit::Exit;

/// Why an export does not come about. Then no file has changed.
#[derive(Debug, Error)]
pub enum ExportError {
    /// There is no file to write at the path given.
    #[error("--out {}: {why}", .file.display())]
    Unwritable {
        /// The path.
        file: PathBuf,
        /// Why not.
        why: String,
    },
    /// Stdout instead of a file.
    #[error("--out -: name a file, which appears when it is complete")]
    Stdout,
    /// A dialect of csv for a workbook.
    #[error("--dialect is of csv: --format xlsx has none")]
    Dialect,
    /// The file could be begun and not be finished, as when the disk is full.
    #[error("{} cannot be written: {why}", .file.display())]
    Write {
        /// The file.
        file: PathBuf,
        /// Why not.
        why: io::Error,
    },
    /// The workbook cannot be made.
    #[error("the workbook cannot be made: {0}")]
    Workbook(#[from] XlsxError),
    /// A signal ended it.
    #[error("interrupted; no file was written")]
    Interrupted,
}

impl ExportError {
    /// One about a path of the command line.
    pub(super) fn unwritable(file: &Path, why: impl ToString) -> Self {
        Self::Unwritable {
            file: file.to_owned(),
            why: why.to_string(),
        }
    }

    /// The code the process ends with.
    pub const fn exit(&self) -> Exit {
        match self {
            Self::Unwritable { .. } | Self::Stdout | Self::Dialect => Exit::Usage,
            Self::Write { .. } | Self::Workbook(_) | Self::Interrupted => Exit::Other,
        }
    }
}
