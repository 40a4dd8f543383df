//! The producer's role: plan a run, enqueue it, and tell how it stands.
//!
//! What each command does is a function over [`store::Store`] and
//! [`queue::Queue`]; connecting these is the binary's part, so that a fleet's producer and
//! a single process share every command.

pub mod backfill;
pub mod causes;
pub mod checks;
pub mod cli;
pub mod completions;
pub mod console;
pub mod doctor;
pub mod enqueue;
pub mod exit;
pub mod explain;
pub mod explain_text;
pub mod failed;
pub mod follow;
pub mod help;
pub mod plan;
pub mod program;
pub mod reconcile;
pub mod render;
pub mod requeue;
pub mod rules;
pub mod signin;
pub mod status;
pub mod summary;
pub mod sums;
pub mod watch;
