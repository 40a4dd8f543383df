//! Exact money: [`Amount`] while summing, [`Money`] once rounded for a table.
//!
//! Nothing here is binary floating point. An [`Amount`] is an integer of 10⁻¹⁰ reais, so adding is
//! exact, order does not matter, and no sum the ERP could send overflows it.

mod amount;
mod parse;
mod rounded;
#[cfg(test)]
mod tests;

pub use self::amount::Amount;
pub use self::parse::AmountError;
pub use self::rounded::Money;
