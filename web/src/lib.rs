//! The page: runs, what is missing and why, and the figures, for people who would rather look than
//! read. It shows what the commands of `producer` say, and requeues as they do.

pub mod cli;
pub mod serve;

mod about;
mod acting;
mod cash_out;
mod chart;
mod empreendimento;
mod error;
mod figures;
mod guard;
mod language;
mod months;
mod overview;
mod requeue;
mod runs;
mod shell;
mod words;
