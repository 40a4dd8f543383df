//! Bars month by month, as a drawing that a template writes down.

use domain::month::Month;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive as _;

/// The size of the drawing, in its own units.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 220.0;
/// Room for a month's bars, as a part of the room for the month.
const FILLED: f64 = 0.8;

/// One measure of each month.
pub struct Series {
    /// What it is called.
    pub name: &'static str,
    /// The class of the style, which is also the order: `bar-1`.
    pub class: &'static str,
    /// The values, one for each month.
    pub values: Vec<Decimal>,
}

/// A rectangle of the drawing.
#[derive(Debug, PartialEq)]
pub struct Bar {
    pub x: f64,
    pub y: f64,
    pub width: f64,
    pub height: f64,
    pub class: &'static str,
}

/// Bars over months.
pub struct Chart {
    /// What the bars stand for, in their order.
    pub series: Vec<Series>,
    /// The bars.
    pub bars: Vec<Bar>,
    /// Where the months stand that are named.
    pub labels: Vec<(f64, Month)>,
    /// The value at the top.
    pub top: Decimal,
}

impl Chart {
    /// The bars of a month side by side.
    pub fn side_by_side(months: &[Month], series: Vec<Series>) -> Self {
        let values = series.iter().flat_map(|one| one.values.iter().copied());
        let top = values.fold(Decimal::ZERO, Decimal::max);
        let mut bars = Vec::new();
        let room = WIDTH / months.len().max(1) as f64;
        let width = room * FILLED / series.len().max(1) as f64;
        for (place, one) in series.iter().enumerate() {
            for (at, value) in one.values.iter().enumerate() {
                let x = at as f64 * room + room * (1.0 - FILLED) / 2.0 + place as f64 * width;
                let height = height(*value, top);
                let y = HEIGHT - height;
                let class = one.class;
                bars.push(Bar {
                    x,
                    y,
                    width,
                    height,
                    class,
                });
            }
        }
        Self::of(months, series, bars, top)
    }

    /// The bars of a month one above the other.
    pub fn stacked(months: &[Month], series: Vec<Series>) -> Self {
        let sum = |at: usize| series.iter().map(|one| one.values[at]).sum::<Decimal>();
        let top = (0..months.len()).map(sum).fold(Decimal::ZERO, Decimal::max);
        let room = WIDTH / months.len().max(1) as f64;
        let mut bars = Vec::new();
        for at in 0..months.len() {
            let mut y = HEIGHT;
            for one in &series {
                let height = height(one.values[at], top);
                y -= height;
                bars.push(Bar {
                    x: at as f64 * room + room * (1.0 - FILLED) / 2.0,
                    y,
                    width: room * FILLED,
                    height,
                    class: one.class,
                });
            }
        }
        Self::of(months, series, bars, top)
    }

    fn of(months: &[Month], series: Vec<Series>, bars: Vec<Bar>, top: Decimal) -> Self {
        let room = WIDTH / months.len().max(1) as f64;
        // A year's months are named each, of more every third.
        let every = if months.len() > 12 { 3 } else { 1 };
        let labels = months.iter().enumerate().step_by(every);
        let labels = labels.map(|(at, month)| ((at as f64 + 0.5) * room, *month));
        Self {
            labels: labels.collect(),
            series,
            bars,
            top,
        }
    }
}

/// How high a value stands; nothing below zero is drawn.
fn height(value: Decimal, top: Decimal) -> f64 {
    let part = value.max(Decimal::ZERO).checked_div(top);
    part.and_then(|part| part.to_f64()).unwrap_or_default() * HEIGHT
}

#[cfg(test)]
mod tests {
    use super::*;

    fn series(class: &'static str, values: [i64; 2]) -> Series {
        Series {
            name: "x",
            class,
            values: values.map(Decimal::from).into(),
        }
    }

    fn months() -> [Month; 2] {
        ["2026-01", "2026-02"].map(|month| month.parse().unwrap())
    }

    #[test]
    fn the_largest_value_reaches_the_top_and_none_is_below_the_ground() {
        let both = vec![series("a", [100, -5]), series("b", [50, 0])];
        let chart = Chart::side_by_side(&months(), both);
        let heights: Vec<_> = chart.bars.iter().map(|bar| bar.height).collect();
        assert_eq!(heights, [220.0, 0.0, 110.0, 0.0]);
        assert!(chart.bars[2].x > chart.bars[0].x);
        assert_eq!(chart.top, Decimal::from(100));
    }

    #[test]
    fn what_is_stacked_stands_on_what_is_below() {
        let both = vec![series("a", [30, 10]), series("b", [70, 0])];
        let chart = Chart::stacked(&months(), both);
        assert_eq!(chart.top, Decimal::from(100));
        assert_eq!(chart.bars[0].y, 220.0 - 66.0);
        assert_eq!((chart.bars[1].y, chart.bars[1].height), (0.0, 154.0));
    }

    #[test]
    fn nothing_is_drawn_of_nothing() {
        let chart = Chart::stacked(&months(), vec![series("a", [0, 0])]);
        assert!(chart.bars.iter().all(|bar| bar.height == 0.0));
        assert!(Chart::side_by_side(&[], Vec::new()).bars.is_empty());
    }
}
