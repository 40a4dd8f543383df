//! Parses the ERP's bodies as they arrive: one pass, borrowed fields, one call per record.
//!
//! Only the fields that are used are read. The rest, which includes personal data, is skipped as
//! bytes. Keys match whatever their case, since the ERP's routes differ in it.

mod array;
mod body_parser;
mod catalogue;
mod contrato;
mod date;
mod error;
mod fatura;
mod field;
mod fields;
mod object;
mod parcela;
mod plain;
mod problem;
mod record;
mod session;
mod shape;
mod template;
mod text;
mod value;

pub use body_parser::BodyParser;
pub use catalogue::{CatalogueBuilder, catalogue};
pub use contrato::contratos;
pub use error::ReadError;
pub use fatura::faturas;
pub use parcela::parcelas;
pub use session::{SessionAnswer, session};
pub use shape::begins_an_object;

#[cfg(test)]
mod proptests;
#[cfg(test)]
mod tests;
