//! The checks of `doctor`: whether everything is there that a run needs, and what to do if not.
//!
//! `examine` asks; `database`, `broker`, `encryption`, `erp`, `indices`, `pause` and `workers` make
//! checks of the answers without I/O, so that each possible answer has a test.

mod broker;
mod check;
mod database;
mod encryption;
mod erp;
mod examine;
mod indices;
mod pause;
mod report;
mod settings;
mod text;
mod views;
mod workers;

pub(crate) use self::examine::examine;
pub(crate) use self::report::Report;
pub(crate) use self::settings::Settings;
pub(crate) use self::text::text;
