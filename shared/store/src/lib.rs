//! The database: the ledger, the published tables, the fleet's session.
//!
//! One trait for each use of it, and [`Store`] for all of them. PostgreSQL serves a fleet, SQLite
//! one process. Both pass the same conformance suite. The statements of the ledger are the same
//! text for both and stand once, in `sql`; the bulk statements that publish a result are each
//! database's own.

mod acting;
mod asking;
mod cells;
mod closing;
mod compare;
mod compat;
mod connect;
mod diagnosis;
mod dry_run;
mod encryption;
mod error;
mod figures;
mod history;
mod history_import;
mod indices;
mod maintenance;
mod migrations;
mod pausing;
mod planning;
mod postgres;
mod scheduling;
mod schema_name;
mod settings;
mod sql;
mod sqlite;
mod store;
mod working;

pub use domain::store_error::StoreError;

pub use self::acting::Acting;
pub use self::asking::{Asking, RunFilter};
pub use self::cells::{Cell, CellChange, CellKey, CellView, FigureTable};
pub use self::closing::{Close, Closing, MonthView, NewClose, Reopened};
pub use self::compare::{ComparedTable, FigureKind, Line, Side};
pub use self::compat::{Compat, InstalledViews, Views};
pub use self::connect::{connect, encryption_of, file_of, is_file};
pub use self::diagnosis::{Diagnosis, Schema};
pub use self::dry_run::Untouched;
pub use self::encryption::Encryption;
pub use self::figures::{
    FaturasDue, Measure, MonthlyFigure, PendingMonth, PublishedRow, TableTotal,
};
pub use self::history::History;
pub use self::history_import::{DaysOfPayment, HistoryImport, HistoryRequest, ImportedHistory};
pub use self::indices::{Indices, IpcaChanges, IpcaLoad};
pub use self::maintenance::Maintenance;
pub use self::pausing::Pausing;
pub use self::planning::Planning;
pub use self::postgres::Snapshot;
pub use self::scheduling::Scheduling;
pub use self::schema_name::{NotASchemaName, SchemaName};
pub use self::settings::{SCHEMA, database_url, fleet_database_url};
pub use self::store::Store;
pub use self::working::Working;
