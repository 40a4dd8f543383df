//! The store over PostgreSQL.

mod catalogue;
mod connect;
mod dialect;
mod empreendimento;
mod saidas_caixa;

pub use self::connect::{PostgresStore, encryption_of};
