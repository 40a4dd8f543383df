//! The Mega ERP as measured, for tests, demos and benchmarks: every route and quirk that a sync
//! meets, over a folder of recorded bodies or over seeded synthetic data of any size, with a
//! latency model and faults that are switched while it runs.
//!
//! It is a real HTTP server on a real socket. What the ERP does not have lives under `/control`
//! ([`Simulator`] has the same things as methods); those routes ask for no credentials, so the
//! simulator belongs on a loopback or private address.
//!
//! ```no_run
//! # async fn example() -> Result<(), simulator::StartError> {
//! use simulator::{Config, Fault, FaultKind, Route, Selector, Simulator};
//!
//! let erp = Simulator::start(Config::folder("tests/golden")).await?;
//! let overloaded = FaultKind::Status { code: 503, retry_after_seconds: Some(1) };
//! erp.fault(Fault::next(2, Selector::route(Route::DadosParcelas).contrato(11001), overloaded));
//! println!("{}", erp.url());
//! erp.stop().await;
//! # Ok(())
//! # }
//! ```

mod auth;
mod call;
mod central_bank;
mod config;
mod connection;
mod control;
mod counters;
mod data;
mod erp;
mod faults;
mod faulty;
mod folder;
mod gate;
mod json;
mod latency;
mod lies;
mod overrides;
mod payables;
mod reply;
mod routes;
mod seeded;
mod server;
mod switches;

pub use call::{Route, Selector};
pub use config::{Config, Credentials, DataSource, StartError};
pub use counters::Counters;
pub use faults::{Extent, Fault, FaultKind};
pub use latency::Latency;
pub use lies::{About, Edit, Lie};
pub use seeded::Seeded;
pub use server::Simulator;
