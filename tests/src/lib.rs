//! What the end-to-end tests share: a fleet of real processes over a database and queues of its
//! own, a simulated ERP, and the published tables in a form that compares.

pub mod chaos;
mod crew;
mod fleet;
mod golden;
pub mod manual;
mod own_broker;
pub mod services;
mod site;
mod standalone;
mod tables;

pub use fleet::{Fleet, PATIENCE, Process, binary};
pub use golden::{GOLDEN, expected, golden};
pub use own_broker::OwnBroker;
pub use site::Site;
pub use standalone::Standalone;
pub use tables::{Tables, difference, of_postgres, of_sqlite};
pub use test_proxy::Proxy;
