//! Exact money: [`Amount`] for sums, [`Money`] for the rounded values of the tables.
//!
//! No amount is binary floating point. An [`Amount`] is an integer of 10⁻¹⁰ reais, so that addition
//! is exact in any order, and no sum of ERP amounts overflows.

mod amount;
mod parse;
mod rounded;
#[cfg(test)]
mod tests;

pub use self::amount::Amount;
pub use self::parse::AmountError;
pub use self::rounded::Money;
