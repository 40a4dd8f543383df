//! The page: runs, what is missing and why, and the figures, for people who would rather look than
//! read. It shows what the commands of `producer` say, and requeues as they do.

pub mod cli;
pub mod serve;

mod about;
mod acting;
mod cash_out;
mod cells;
mod chart;
mod empreendimento;
mod error;
mod figures;
mod guard;
mod heat;
mod language;
mod meanings;
mod months;
mod overview;
mod requeue;
mod runs;
mod search;
mod shell;
mod words;
