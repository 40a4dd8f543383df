//! What each command does: functions over [`store::Store`] and [`queue::Queue`].

pub mod backfill;
pub mod requeue;

mod cancel;
mod close;
mod common;
mod compare;
mod completions;
mod diff;
mod doctor;
mod dry_run;
mod explain;
mod export;
mod failed;
mod history;
mod ipca;
mod pause;
mod resume;
mod schedule;
mod signin;
mod status;
mod views;

pub use self::cancel::cancel;
pub use self::close::{close, closes, reopen};
pub use self::common::common;
pub use self::completions::completions;
pub use self::diff::diff;
pub use self::doctor::doctor;
pub use self::explain::explain;
pub use self::export::export;
pub use self::failed::failed;
pub use self::pause::{pause, unpause};
pub use self::resume::resume;
pub use self::schedule::schedule;
pub use self::signin::signin;
pub use self::status::status;
