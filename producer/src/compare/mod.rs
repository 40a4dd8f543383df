//! The tables of the replaced system beside ours, figure by figure, with a cause for each difference.

mod accept;
mod cause;
mod cell;
mod merge;
mod part;
mod payables;
mod report;
mod run;

pub(crate) use self::accept::{AcceptError, Accepted};
pub(crate) use self::run::{compare, snapshots};
