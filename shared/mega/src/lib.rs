//! The client of the Mega ERP: one session, bounded calls, strict reading.

mod body;
mod breaker;
mod client;
mod diagnosis;
mod error;
mod http;
mod limit;
mod live;
pub mod metrics;
mod route;
mod session;
mod settings;
mod sign_in;
mod vault;

pub use client::MegaClient;
pub use diagnosis::{Probe, Taken};
pub use error::MegaError;
pub use http::SetupError;
pub use route::Route;
pub use settings::MegaConfig;
pub use vault::MemoryVault;
