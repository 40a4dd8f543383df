//! The figures as files: an Excel workbook, or csv.
//!
//! Cells are read page by page and written as they come, so that memory stays the same whatever their
//! number. Nothing of the moment of the export is written: the same state makes the same bytes.

mod csv;
mod error;
mod file;
mod found;
mod missing;
mod reader;
mod request;
mod table;
mod xlsx;

pub use self::csv::csv;
pub(crate) use self::csv::neutral;
pub use self::error::ExportError;
pub use self::request::{Request, View};
pub use self::xlsx::xlsx;

use std::path::PathBuf;

/// What an export has written.
#[derive(Debug)]
pub struct Exported {
    /// Each file with its bytes.
    pub files: Vec<(PathBuf, u64)>,
    /// Rows of figures.
    pub rows: u64,
    /// What is not in them and should be.
    pub missing: missing::Missing,
}
