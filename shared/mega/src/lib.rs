//! The client of the Mega ERP: one session, a limited number of calls in flight, strict parsing.

mod answer;
mod body;
mod breaker;
mod call;
mod client;
mod diagnosis;
mod error;
mod http;
mod limit;
pub mod metrics;
mod route;
mod session;
mod settings;

pub use client::MegaClient;
pub use diagnosis::{Probe, Taken};
pub use error::MegaError;
pub use http::SetupError;
pub use route::Route;
pub use session::MemorySessionStore;
pub use settings::MegaConfig;
