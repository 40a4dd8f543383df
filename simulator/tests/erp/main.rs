//! The simulator as its clients meet it: over HTTP.

mod binary;
mod client;
mod control;
mod data;
mod faults;
mod lies;
mod seeded;
mod sign_in;
mod timing;
