//! The queue behind one trait: at-least-once delivery of job messages.
//!
//! [`amqp`] is RabbitMQ, for a fleet; [`memory`] serves one process. Both pass the same
//! conformance suite. Delivery is at least once: a crash at any point loses no message and may
//! repeat one, so a consumer must be idempotent.

pub mod amqp;
mod deliveries;
mod delivery;
mod depths;
mod envelope;
mod error;
pub mod memory;
mod queue;
mod settings;
mod topology;

pub use deliveries::Deliveries;
pub use delivery::{ATTEMPT_DEADLINE, Delivery, Receipt};
pub use depths::Depths;
pub use envelope::{Destination, Envelope, Lane};
pub use error::QueueError;
pub use queue::Queue;
pub use settings::{BrokerConfig, parse_delay};
pub use topology::Topology;
