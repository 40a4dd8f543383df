//! The store over SQLite.

mod catalogue;
mod compat;
mod connect;
mod dialect;
mod empreendimento;
mod saidas_caixa;

pub use self::connect::{SqliteStore, file_of};
