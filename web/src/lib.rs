//! The page: runs, what is missing and why, and the figures, for people who would rather look than
//! read. It shows what the commands of `producer` say, and requeues as they do.

pub mod acting;
pub mod cli;
pub mod door;
pub mod serve;
pub mod users;

mod about;
mod backfill;
mod cancel;
mod cash_out;
mod cells;
mod changes;
mod chart;
mod close;
mod closes;
mod contratos;
mod cookie;
mod empreendimento;
mod error;
mod export;
mod fields;
mod figures;
mod guard;
mod heat;
mod language;
mod live;
mod maintenance;
mod meanings;
mod month;
mod months;
mod overview;
mod pausing;
mod problem;
mod pruning;
mod requeue;
mod runs;
mod schedules;
mod scheduling;
mod search;
mod sessions;
mod shell;
mod sign_in;
mod standing;
mod verdict;
mod visitor;
mod words;
