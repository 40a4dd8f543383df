//! What every queue must do, over both of them; and what RabbitMQ's must do when the broker fails.

mod amqp;
mod conformance;
mod declared;
mod diagnosis;
mod earlier;
mod fixture;
mod lanes;
mod memory;
mod outage;
mod steps;
mod unreachable;
