//! Seeded synthetic data.

mod fixture;
mod sizes;
mod variety;
