//! The client of the Mega ERP: one session, bounded calls, strict reading.

mod body;
mod breaker;
mod budget;
mod client;
mod diagnosis;
mod error;
mod http;
mod live;
mod pace;
mod read;
mod records;
mod session;
mod sign_in;
mod spare;
mod token;
mod vault;
mod wanted;

pub use client::{Catalogue, MegaClient, MegaConfig};
pub use diagnosis::{Probe, Taken};
pub use error::{MegaError, Route};
pub use http::SetupError;
pub use records::{Contrato, Fatura, ListedContrato, Parcela, Record, Rejection};
pub use token::Token;
pub use vault::{MemoryVault, Refusal, SessionState, SessionVault};
pub use wanted::ToMake;
