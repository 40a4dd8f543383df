//! The producer's role: plan a run, enqueue it, and show its state.
//!
//! Each command is a function over [`store::Store`] and [`queue::Queue`]; a program connects these,
//! so that a fleet's producer and a single process share every command.

pub mod broker;
pub mod cli;
pub mod commands;
pub mod console;
pub mod error;
pub mod exit;
pub mod fleet;
pub mod follow;
pub mod help;
pub mod housekeeping;
pub mod notify;
pub mod plan;
pub mod portuguese;
pub mod process;
pub mod program;
pub mod prune;
pub mod publish;
pub mod render;
pub mod report;
pub mod schedule;
pub mod services;
pub mod text;

mod compare;
mod doctor;
mod export;
mod http;
mod ipca;
mod outage;

#[cfg(test)]
mod fixtures;
