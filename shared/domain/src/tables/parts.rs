//! What one contrato adds to the figures that are sums: its parts, unrounded.

use std::fmt::Write as _;
use std::str::FromStr;

use strum::VariantArray as _;
use thiserror::Error;

use super::empreendimento::Category;
use crate::money::Amount;
use crate::month::Month;

/// The days late of an overdue parcela, as `delinquency` has its columns.
#[derive(
    Debug,
    Clone,
    Copy,
    PartialEq,
    Eq,
    PartialOrd,
    Ord,
    Hash,
    strum::EnumString,
    strum::IntoStaticStr,
    strum::VariantArray,
)]
pub enum Bucket {
    /// At most 30.
    #[strum(serialize = "up_to_30")]
    UpTo30,
    /// 31 to 60.
    #[strum(serialize = "days_30_60")]
    Days30To60,
    /// 61 to 90.
    #[strum(serialize = "days_60_90")]
    Days60To90,
    /// 91 to 180.
    #[strum(serialize = "days_90_180")]
    Days90To180,
    /// 181 to 365.
    #[strum(serialize = "above_180")]
    Above180,
}

impl Bucket {
    /// All of them, in the order of the columns and of their discriminants.
    pub const ALL: &[Self] = Self::VARIANTS;

    /// Its column.
    pub fn name(self) -> &'static str {
        self.into()
    }
}

/// A figure of one month that is the sum of what the contratos add.
///
/// `vp` is the same in every month, and so no part of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Figure {
    /// Due in the month, in a category of cash in.
    Forecast(Category),
    /// Received in the month, in a category of cash in.
    Actual(Category),
    /// Overdue at the month's end, by days late.
    Overdue(Bucket),
}

impl Figure {
    /// How many there are.
    pub const COUNT: usize = 2 * Category::ALL.len() + Bucket::ALL.len();

    /// All of them, in the order of their [`Figure::index`].
    pub fn all() -> impl Iterator<Item = Self> {
        let categories = || Category::ALL.iter().copied();
        categories()
            .map(Self::Forecast)
            .chain(categories().map(Self::Actual))
            .chain(Bucket::ALL.iter().copied().map(Self::Overdue))
    }

    /// Its place among all, from 0.
    pub const fn index(self) -> usize {
        match self {
            Self::Forecast(category) => category as usize,
            Self::Actual(category) => Category::ALL.len() + category as usize,
            Self::Overdue(bucket) => 2 * Category::ALL.len() + bucket as usize,
        }
    }

    /// The table that publishes it.
    pub const fn table(self) -> &'static str {
        match self {
            Self::Forecast(_) | Self::Actual(_) => "entradas_caixa",
            Self::Overdue(_) => "delinquency",
        }
    }

    /// Its column there.
    pub fn column(self) -> &'static str {
        match self {
            Self::Forecast(_) => "forecast",
            Self::Actual(_) => "actual",
            Self::Overdue(bucket) => bucket.name(),
        }
    }

    /// Its category there, where the table has categories.
    pub const fn category(self) -> Option<Category> {
        match self {
            Self::Forecast(category) | Self::Actual(category) => Some(category),
            Self::Overdue(_) => None,
        }
    }
}

/// The parts of one contrato that are not zero, as compact text.
///
/// A line for each figure: its column, `.` and its category where it has one, the first month, then
/// an amount for each month from there on; `1500.00x12` stands for twelve months in a row.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parts(String);

/// A text that is no [`Parts`].
#[derive(Debug, Error, Clone, PartialEq, Eq)]
#[error("{0:?} is no part of a contrato")]
pub struct PartsError(String);

/// What a contrato adds to a figure of one month.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Part {
    /// The figure.
    pub figure: Figure,
    /// The month.
    pub month: Month,
    /// How much, unrounded; not zero.
    pub amount: Amount,
}

impl Parts {
    /// Parts as they were written by [`Parts::as_str`].
    pub const fn written(text: String) -> Self {
        Self(text)
    }

    /// As text, to be kept.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Adds the amounts of a figure, one for each month from `first` on. Each figure is added once.
    pub fn push(&mut self, figure: Figure, first: Month, amounts: impl Iterator<Item = Amount>) {
        let mut month = first;
        // The amount that is to be written, in how many months in a row.
        let mut pending: Option<(Amount, u32)> = None;
        for amount in amounts {
            match &mut pending {
                None if amount.is_zero() => {}
                None => {
                    self.begin(figure, month);
                    pending = Some((amount, 1));
                }
                Some((same, times)) if *same == amount => *times += 1,
                Some((other, times)) => {
                    let (other, times) = (*other, *times);
                    self.write(other, times);
                    pending = Some((amount, 1));
                }
            }
            month = month.next();
        }
        if let Some((last, times)) = pending.filter(|(last, _)| !last.is_zero()) {
            self.write(last, times);
        }
    }

    fn begin(&mut self, figure: Figure, month: Month) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(figure.column());
        if let Some(category) = figure.category() {
            self.0.push('.');
            self.0.push_str(category.name());
        }
        write!(self.0, " {month}").expect("a string takes all");
    }

    fn write(&mut self, amount: Amount, times: u32) {
        let text = &mut self.0;
        match times {
            1 => write!(text, " {amount}"),
            _ => write!(text, " {amount}x{times}"),
        }
        .expect("a string takes all");
    }

    /// Each part.
    ///
    /// # Errors
    /// When the text was not written by this type.
    pub fn read(&self) -> Result<Vec<Part>, PartsError> {
        let mut parts = Vec::new();
        for line in self.0.lines() {
            read_line(line, &mut parts).ok_or_else(|| PartsError(line.to_owned()))?;
        }
        Ok(parts)
    }
}

fn read_line(line: &str, parts: &mut Vec<Part>) -> Option<()> {
    let mut words = line.split(' ');
    let figure = read_figure(words.next()?)?;
    let mut month: Month = words.next()?.parse().ok()?;
    for word in words {
        let (amount, times) = match word.split_once('x') {
            Some((amount, times)) => (amount, times.parse().ok()?),
            None => (word, 1_u32),
        };
        let amount = Amount::from_str(amount).ok()?;
        for _ in 0..times {
            if !amount.is_zero() {
                parts.push(Part {
                    figure,
                    month,
                    amount,
                });
            }
            month = month.next();
        }
    }
    Some(())
}

fn read_figure(name: &str) -> Option<Figure> {
    match name.split_once('.') {
        Some(("forecast", category)) => Some(Figure::Forecast(category.parse().ok()?)),
        Some(("actual", category)) => Some(Figure::Actual(category.parse().ok()?)),
        Some(_) => None,
        None => Some(Figure::Overdue(name.parse().ok()?)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amounts(texts: &[&str]) -> Vec<Amount> {
        texts.iter().map(|text| text.parse().unwrap()).collect()
    }

    #[test]
    fn what_is_written_is_read_again() {
        let first: Month = "2025-11".parse().unwrap();
        let mut parts = Parts::default();
        let due = amounts(&["0", "10", "10", "10", "0", "0", "1.0000000001", "0"]);
        parts.push(Figure::Forecast(Category::Ativos), first, due.into_iter());
        parts.push(
            Figure::Actual(Category::Outras),
            first,
            amounts(&["0", "0"]).into_iter(),
        );
        let late = amounts(&["-3.5", "0.005"]);
        parts.push(
            Figure::Overdue(Bucket::Days90To180),
            first,
            late.into_iter(),
        );
        assert_eq!(
            parts.as_str(),
            "forecast.ativos 2025-12 10.00x3 0.00x2 1.0000000001\n\
             days_90_180 2025-11 -3.50 0.005"
        );
        let read = parts.read().unwrap();
        let told: Vec<_> = read
            .iter()
            .map(|part| format!("{} {} {}", part.figure.column(), part.month, part.amount))
            .collect();
        assert_eq!(
            told,
            [
                "forecast 2025-12 10.00",
                "forecast 2026-01 10.00",
                "forecast 2026-02 10.00",
                "forecast 2026-05 1.0000000001",
                "days_90_180 2025-11 -3.50",
                "days_90_180 2025-12 0.005",
            ]
        );
    }

    #[test]
    fn another_text_is_refused() {
        for text in [
            "vp 2025-12 1",
            "forecast.mine 2025-12 1",
            "actual.ativos",
            "above_180 2025-13 1",
        ] {
            assert!(Parts::written(text.to_owned()).read().is_err(), "{text}");
        }
    }

    #[test]
    fn every_figure_has_a_place_of_its_own() {
        let places: Vec<_> = Figure::all().map(Figure::index).collect();
        assert_eq!(places, (0..Figure::COUNT).collect::<Vec<_>>());
    }
}
