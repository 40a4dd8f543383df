//! A TCP proxy for tests: stands between a client and a service, and fails on demand.

mod pass;
mod proxy;

pub use proxy::{Inspector, Proxy};
