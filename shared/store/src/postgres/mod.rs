//! The store over PostgreSQL.

mod catalogue;
mod compare;
mod compat;
mod connect;
mod dialect;
mod empreendimento;
mod history_import;
mod old_tables;
mod saidas_caixa;
mod schema;

pub use self::compare::Snapshot;
pub use self::connect::{PostgresStore, encryption_of};
