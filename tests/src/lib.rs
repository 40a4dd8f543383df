//! What the end-to-end tests share: a fleet of real processes over a database and queues of its
//! own, a simulated ERP, and the published tables in a form that compares.

pub mod browser;
pub mod chaos;
mod chromedriver;
mod contract;
mod fleet;
mod golden;
pub mod manual;
mod own_broker;
pub mod own_server;
mod process;
mod schedule_times;
pub mod services;
mod site;
mod standalone;
mod tables;
pub mod wait;
mod web;

pub use contract::contract;
pub use fleet::{Fleet, create_old_tables};
pub use golden::{
    ALL_DONE, GOLDEN, GOLDEN_BACKFILL, GOLDEN_ENQUEUE, expected, garble_a_contrato, golden,
};
pub use own_broker::OwnBroker;
pub use process::{Process, binary, cpu_seconds};
pub use schedule_times::wrong_times;
pub use site::Site;
pub use standalone::Standalone;
pub use tables::{Tables, difference, of_postgres, of_sqlite};
pub use test_proxy::Proxy;
pub use wait::{LONGEST_WAIT, until};
pub use web::Web;
