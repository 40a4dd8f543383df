//! A sheet that is written row by row.

use chrono::{DateTime, NaiveDate, NaiveDateTime, NaiveTime, Utc};
use chrono_tz::America::Sao_Paulo;
use domain::month::Month;
use rust_decimal::Decimal;
use rust_xlsxwriter::{Formula, Workbook, Worksheet, XlsxError};

use super::formats::Formats;

/// The most characters of a cell, in the units of UTF-16 in which Excel counts them.
const LONGEST_TEXT: usize = 32_767;

/// What a cell holds.
pub enum Value<'a> {
    /// Nothing.
    Empty,
    /// Text, which is never a formula.
    Text(&'a str),
    /// Text that stands out.
    Bold(&'a str),
    /// Text that must not be overlooked.
    Warning(&'a str),
    /// A code.
    Code(i64),
    /// A count.
    Count(u64),
    /// A number, shown with so many decimals.
    Number(Decimal, u32),
    /// A formula with its result, shown with so many decimals.
    Sum(String, Decimal, u32),
    /// A month: its first day.
    Month(Month),
    /// A day.
    Day(NaiveDate),
    /// A moment, as the clocks of São Paulo show it.
    Time(DateTime<Utc>),
}

impl Value<'_> {
    /// A day where there is one.
    pub fn day(day: Option<NaiveDate>) -> Self {
        day.map_or(Self::Empty, Self::Day)
    }

    /// A moment where there is one.
    pub fn time(at: Option<DateTime<Utc>>) -> Self {
        at.map_or(Self::Empty, Self::Time)
    }
}

/// A sheet and the row that is written next.
pub struct Sheet<'f> {
    worksheet: Worksheet,
    formats: &'f Formats,
    row: u32,
}

impl<'f> Sheet<'f> {
    /// A sheet without rows.
    ///
    /// # Errors
    /// When there can be no temporary file.
    pub fn new(
        workbook: &mut Workbook,
        formats: &'f Formats,
        name: &str,
    ) -> Result<Self, XlsxError> {
        let mut worksheet = workbook.new_worksheet_with_constant_memory()?;
        worksheet.set_name(name)?;
        Ok(Self {
            worksheet,
            formats,
            row: 0,
        })
    }

    /// One with its headings, which stay in view, and the widths of the columns in characters.
    ///
    /// # Errors
    /// The same.
    pub fn with_heads<'h>(
        workbook: &mut Workbook,
        formats: &'f Formats,
        name: &str,
        heads: impl IntoIterator<Item = (&'h str, f64)>,
    ) -> Result<Self, XlsxError> {
        let mut sheet = Self::new(workbook, formats, name)?;
        for (column, (head, width)) in (0..).zip(heads) {
            sheet.worksheet.set_column_width(column, width)?;
            let format = &formats.head;
            sheet
                .worksheet
                .write_string_with_format(0, column, head, format)?;
        }
        sheet.worksheet.set_freeze_panes(1, 0)?;
        sheet.row = 1;
        Ok(sheet)
    }

    /// Sets the widths of the first columns, in characters.
    ///
    /// # Errors
    /// When there are too many.
    pub fn widths(&mut self, widths: &[f64]) -> Result<(), XlsxError> {
        for (column, width) in (0..).zip(widths) {
            self.worksheet.set_column_width(column, *width)?;
        }
        Ok(())
    }

    /// Writes a row.
    ///
    /// # Errors
    /// When it is one more than Excel has.
    pub fn line<'v>(
        &mut self,
        values: impl IntoIterator<Item = Value<'v>>,
    ) -> Result<(), XlsxError> {
        for (column, value) in (0..).zip(values) {
            self.write(column, value)?;
        }
        self.row += 1;
        Ok(())
    }

    /// How many rows it has.
    pub fn rows(&self) -> u32 {
        self.row
    }

    /// The sheet, with a filter over its first rows and columns.
    ///
    /// # Errors
    /// When there are none.
    pub fn filtered(mut self, rows: u32, columns: u16) -> Result<Worksheet, XlsxError> {
        let (last_row, last_column) = (rows.saturating_sub(1), columns.saturating_sub(1));
        self.worksheet.autofilter(0, 0, last_row, last_column)?;
        Ok(self.worksheet)
    }

    /// The sheet.
    pub fn end(self) -> Worksheet {
        self.worksheet
    }

    fn write(&mut self, column: u16, value: Value<'_>) -> Result<(), XlsxError> {
        let Self {
            worksheet: sheet,
            formats,
            row,
        } = self;
        let row = *row;
        match value {
            Value::Empty => return Ok(()),
            Value::Text(text) => sheet.write_string(row, column, fitting(text))?,
            Value::Bold(text) => {
                sheet.write_string_with_format(row, column, fitting(text), &formats.bold)?
            }
            Value::Warning(text) => {
                sheet.write_string_with_format(row, column, fitting(text), &formats.warning)?
            }
            Value::Code(code) => {
                sheet.write_number_with_format(row, column, code as f64, &formats.code)?
            }
            Value::Count(count) => {
                sheet.write_number_with_format(row, column, count as f64, formats.number(0))?
            }
            Value::Number(number, decimals) => {
                let format = formats.number(decimals);
                sheet.write_number_with_format(row, column, double(number), format)?
            }
            Value::Sum(formula, result, decimals) => {
                let formula = Formula::new(formula).set_result(result.normalize().to_string());
                sheet.write_formula_with_format(row, column, formula, formats.sum(decimals))?
            }
            Value::Month(month) => {
                let serial = serial(month.first_day().and_time(NaiveTime::MIN));
                sheet.write_number_with_format(row, column, serial, &formats.month)?
            }
            Value::Day(day) => {
                let serial = serial(day.and_time(NaiveTime::MIN));
                sheet.write_number_with_format(row, column, serial, &formats.day)?
            }
            Value::Time(at) => {
                let serial = serial(at.with_timezone(&Sao_Paulo).naive_local());
                sheet.write_number_with_format(row, column, serial, &formats.time)?
            }
        };
        Ok(())
    }
}

/// As much of a text as fits into a cell.
fn fitting(text: &str) -> &str {
    let mut units = 0;
    let too_long = text.char_indices().find(|(_, char)| {
        units += char.len_utf16();
        units > LONGEST_TEXT
    });
    too_long.map_or(text, |(at, _)| &text[..at])
}

/// The double nearest to a number, which is what a spreadsheet has instead.
fn double(number: Decimal) -> f64 {
    // Through its text, which the standard library rounds correctly.
    number.to_string().parse().unwrap_or_default()
}

/// A moment as Excel counts it: days since 1899-12-30, to the second.
fn serial(time: NaiveDateTime) -> f64 {
    let epoch = NaiveDate::from_ymd_opt(1899, 12, 30).expect("a day");
    let since = time.signed_duration_since(epoch.and_time(NaiveTime::MIN));
    since.num_seconds() as f64 / 86_400.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_is_counted_as_excel_does() {
        for (time, expected) in [
            ("1900-03-01T00:00:00", 61.0),
            ("2026-03-01T00:00:00", 46_082.0),
            ("2026-03-01T12:00:00", 46_082.5),
        ] {
            assert_eq!(serial(time.parse().unwrap()), expected, "{time}");
        }
    }

    #[test]
    fn a_number_is_the_nearest_double() {
        for text in ["0.10", "-123456789012345.67", "6844365.40", "0.00"] {
            let number: Decimal = text.parse().unwrap();
            assert_eq!(double(number), text.parse::<f64>().unwrap());
        }
    }

    #[test]
    fn what_is_too_long_for_a_cell_is_cut_between_characters() {
        let text = "água😀".repeat(10_000);
        let cut = fitting(&text);
        assert!(text.starts_with(cut));
        let units = cut.encode_utf16().count();
        assert!(
            (LONGEST_TEXT - 1..=LONGEST_TEXT).contains(&units),
            "{units}"
        );
        assert_eq!(fitting("água"), "água");
    }
}
