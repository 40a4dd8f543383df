//! Writing JSON straight into bytes: going through values would make the simulator the slowest
//! part of a benchmark.

use chrono::{Datelike, NaiveDate};

/// The bytes of a body, with the few kinds of values that the ERP has.
pub(crate) struct Text(pub Vec<u8>);

impl Text {
    pub fn raw(&mut self, text: &str) -> &mut Self {
        self.0.extend_from_slice(text.as_bytes());
        self
    }

    pub fn int(&mut self, number: i64) -> &mut Self {
        self.padded(number, 1)
    }

    /// A whole number that is not negative, with zeros in front up to `width` digits.
    pub fn padded(&mut self, number: i64, width: usize) -> &mut Self {
        let mut digits = [b'0'; 20];
        let (mut left, mut start) = (number, digits.len());
        while left > 0 {
            start -= 1;
            digits[start] = b'0' + (left % 10) as u8;
            left /= 10;
        }
        self.0
            .extend_from_slice(&digits[start.min(digits.len() - width)..]);
        self
    }

    /// Centavos as the ERP's floats are: `0`, `1200.0`, `1200.5`, `1200.55`.
    pub fn money(&mut self, centavos: i64) -> &mut Self {
        if centavos == 0 {
            return self.raw("0");
        }
        let fraction = centavos % 100;
        self.int(centavos / 100).raw(".");
        if fraction % 10 == 0 {
            self.int(fraction / 10)
        } else {
            self.padded(fraction, 2)
        }
    }

    /// Centavos as a text in the Brazilian manner: `"1.200,55"`.
    pub fn brazilian_money(&mut self, centavos: i64) -> &mut Self {
        self.raw("\"");
        self.grouped(centavos / 100)
            .raw(",")
            .padded(centavos % 100, 2)
            .raw("\"")
    }

    fn grouped(&mut self, number: i64) -> &mut Self {
        if number < 1_000 {
            return self.int(number);
        }
        self.grouped(number / 1_000)
            .raw(".")
            .padded(number % 1_000, 3)
    }

    /// `"dd/MM/yyyy"`, or null.
    pub fn date(&mut self, date: Option<NaiveDate>) -> &mut Self {
        match date {
            None => self.raw("null"),
            Some(date) => self
                .raw("\"")
                .padded(i64::from(date.day()), 2)
                .raw("/")
                .padded(i64::from(date.month()), 2)
                .raw("/")
                .padded(i64::from(date.year()), 4)
                .raw("\""),
        }
    }

    /// A text without characters that JSON would escape, or null.
    pub fn text(&mut self, text: Option<&str>) -> &mut Self {
        match text {
            None => self.raw("null"),
            Some(text) => self.raw("\"").raw(text).raw("\""),
        }
    }
}

/// A list of so many records, each written by `record`.
pub(crate) fn list<T>(
    records: impl IntoIterator<Item = T>,
    bytes_expected: usize,
    mut record: impl FnMut(&mut Text, T),
) -> Vec<u8> {
    let mut text = Text(Vec::with_capacity(bytes_expected));
    text.raw("[");
    for (index, item) in records.into_iter().enumerate() {
        if index > 0 {
            text.raw(", ");
        }
        record(&mut text, item);
    }
    text.raw("]");
    text.0
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut Text) -> &mut Text) -> String {
        let mut text = Text(Vec::new());
        write(&mut text);
        String::from_utf8(text.0).expect("only ASCII is written")
    }

    #[test]
    fn money_is_written_as_the_erp_does() {
        assert_eq!(written(|t| t.money(0)), "0");
        assert_eq!(written(|t| t.money(7)), "0.07");
        assert_eq!(written(|t| t.money(120_000)), "1200.0");
        assert_eq!(written(|t| t.money(120_050)), "1200.5");
        assert_eq!(written(|t| t.money(120_055)), "1200.55");
        assert_eq!(
            written(|t| t.brazilian_money(123_456_705)),
            "\"1.234.567,05\""
        );
        assert_eq!(written(|t| t.brazilian_money(1_005)), "\"10,05\"");
    }

    #[test]
    fn dates_and_numbers_are_padded() {
        assert_eq!(
            written(|t| t.date(NaiveDate::from_ymd_opt(2026, 3, 5))),
            "\"05/03/2026\""
        );
        assert_eq!(written(|t| t.date(None)), "null");
        assert_eq!(written(|t| t.padded(7, 3)), "007");
        assert_eq!(written(|t| t.padded(12_345, 3)), "12345");
        assert_eq!(written(|t| t.int(0)), "0");
    }
}
