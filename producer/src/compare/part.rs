//! A part of a difference, and figures as numbers.

use rust_decimal::Decimal;

use super::cause::Cause;

/// A part of a cell's difference, with its cause.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// Why.
    pub cause: Cause,
    /// Of our figure; zero where it is no number.
    pub ours: Decimal,
    /// Of theirs.
    pub theirs: Decimal,
}

/// A figure as a number; nothing where it is none.
pub fn number(figure: &Option<String>) -> Decimal {
    let number = figure.as_ref().and_then(|text| text.parse().ok());
    number.unwrap_or_default()
}
