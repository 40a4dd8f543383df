//! Well-formed answers of the ERP that are not true: none becomes a wrong table.
//!
//! Every test runs over both databases. What the tables must be is the golden state, or worked out
//! from the answers.

mod catalogue;
mod contratos;
mod control;
mod implausible;
mod parcelas;
mod support;
