//! The database behind one trait.

use domain::session::SessionStore;

use crate::acting::Acting;
use crate::asking::Asking;
use crate::closing::Closing;
use crate::compat::Compat;
use crate::history::History;
use crate::history_import::HistoryImport;
use crate::indices::Indices;
use crate::maintenance::Maintenance;
use crate::pausing::Pausing;
use crate::planning::Planning;
use crate::scheduling::Scheduling;
use crate::working::Working;

/// Everything that is asked of the database: for whoever passes it on, and uses a part of it.
pub trait Store:
    Maintenance
    + Planning
    + Working
    + Asking
    + History
    + Closing
    + Acting
    + Pausing
    + Indices
    + Scheduling
    + Compat
    + HistoryImport
    + SessionStore
{
}

impl<S> Store for S where
    S: Maintenance
        + Planning
        + Working
        + Asking
        + History
        + Closing
        + Acting
        + Pausing
        + Indices
        + Scheduling
        + Compat
        + HistoryImport
        + SessionStore
{
}
