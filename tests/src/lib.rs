//! What the end-to-end tests share: a fleet of real processes over a database and queues of its
//! own, a simulated ERP, and the published tables in a form that compares.

pub mod chaos;
mod crew;
mod fleet;
mod golden;
pub mod manual;
mod proxy;
pub mod services;
mod tables;

pub use fleet::{Fleet, PATIENCE, Process, binary};
pub use golden::{GOLDEN, expected};
pub use proxy::Proxy;
pub use tables::{Tables, difference, of_postgres, of_sqlite};
