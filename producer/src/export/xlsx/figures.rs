//! The sheets of a table: its cells, and their sums below.

use std::mem;

use rust_decimal::Decimal;
use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};
use store::{Cell, FigureTable};

use super::formats::Formats;
use super::sheet::{Sheet, Value};
use crate::export::table::{adds_up, heading, key_columns, owner_heading, title};

/// Cells of a sheet: Excel has 1,048,576 rows, of which one is for the headings and one for the sums.
/// More go on a further sheet.
const MOST_CELLS: u32 = 1_048_574;

/// The sheets of a table, the last of which grows.
pub struct Figures<'f> {
    formats: &'f Formats,
    most: u32,
    growing: Growing<'f>,
    ended: TableSheets,
}

/// The sheets of a table.
pub struct TableSheets {
    /// The table.
    pub table: FigureTable,
    /// What each sheet has.
    pub parts: Vec<Part>,
    /// The sheets themselves.
    pub worksheets: Vec<Worksheet>,
}

/// What a sheet of a table has.
pub struct Part {
    /// Its name.
    pub name: String,
    /// How many cells, one a row.
    pub cells: u32,
}

impl<'f> Figures<'f> {
    /// Begins the first sheet of a table.
    ///
    /// # Errors
    /// When there can be no temporary file.
    pub fn begin(
        workbook: &mut Workbook,
        formats: &'f Formats,
        table: FigureTable,
    ) -> Result<Self, XlsxError> {
        Self::with_most(workbook, formats, table, MOST_CELLS)
    }

    /// The same with at most so many cells a sheet.
    fn with_most(
        workbook: &mut Workbook,
        formats: &'f Formats,
        table: FigureTable,
        most: u32,
    ) -> Result<Self, XlsxError> {
        Ok(Self {
            formats,
            most,
            growing: Growing::begin(workbook, formats, table, 1)?,
            ended: TableSheets {
                table,
                parts: Vec::new(),
                worksheets: Vec::new(),
            },
        })
    }

    /// Writes a cell.
    ///
    /// # Errors
    /// When there can be no temporary file for a further sheet.
    pub fn row(&mut self, workbook: &mut Workbook, cell: &Cell) -> Result<(), XlsxError> {
        let table = self.ended.table;
        if self.growing.part.cells == self.most {
            let number = self.ended.parts.len() + 2;
            let next = Growing::begin(workbook, self.formats, table, number)?;
            let full = mem::replace(&mut self.growing, next);
            self.ended.take(full)?;
        }
        self.growing.row(table, cell)
    }

    /// Ends the last sheet.
    ///
    /// # Errors
    /// When its sums cannot be written.
    pub fn end(mut self) -> Result<TableSheets, XlsxError> {
        self.ended.take(self.growing)?;
        Ok(self.ended)
    }
}

impl TableSheets {
    /// The sum of a column, given by its place, over all sheets.
    pub fn formula(&self, column: usize) -> String {
        let letter = letter(self.table, column);
        let ranges = self.parts.iter().map(|part| {
            // A sheet without cells has one empty row.
            let last = part.cells.max(1) + 1;
            format!("SUM('{}'!{letter}2:{letter}{last})", part.name)
        });
        ranges.collect::<Vec<_>>().join("+")
    }

    fn take(&mut self, mut full: Growing<'_>) -> Result<(), XlsxError> {
        let columns = heads(self.table).len();
        full.write_sums(self.table)?;
        let columns = u16::try_from(columns).unwrap_or(u16::MAX);
        let worksheet = full.sheet.filtered(full.part.cells + 1, columns)?;
        self.parts.push(full.part);
        self.worksheets.push(worksheet);
        Ok(())
    }
}

/// The sheet that grows.
struct Growing<'f> {
    part: Part,
    sheet: Sheet<'f>,
    sums: Vec<Decimal>,
}

impl<'f> Growing<'f> {
    fn begin(
        workbook: &mut Workbook,
        formats: &'f Formats,
        table: FigureTable,
        number: usize,
    ) -> Result<Self, XlsxError> {
        let name = match number {
            1 => title(table).to_owned(),
            _ => format!("{} ({number})", title(table)),
        };
        Ok(Self {
            sheet: Sheet::with_heads(workbook, formats, &name, heads(table))?,
            part: Part { name, cells: 0 },
            sums: vec![Decimal::ZERO; table.columns().len()],
        })
    }

    fn row(&mut self, table: FigureTable, cell: &Cell) -> Result<(), XlsxError> {
        let mut values = vec![
            Value::Code(cell.key.owner),
            Value::Text(&cell.nome),
            Value::Month(cell.key.ref_month),
        ];
        if key_columns(table).category.is_some() {
            values.push(Value::Text(&cell.key.category));
        }
        let columns = table.columns().iter().zip(&cell.values);
        values.extend(columns.map(|((_, decimals), value)| Value::Number(*value, *decimals)));
        values.extend([
            Value::day(cell.as_of),
            Value::Text(cell.run.as_str()),
            Value::Time(cell.at),
        ]);
        self.sheet.line(values)?;
        self.part.cells += 1;
        for (sum, value) in self.sums.iter_mut().zip(&cell.values) {
            *sum += *value;
        }
        Ok(())
    }

    /// A row of sums below the cells; none where there are no cells.
    fn write_sums(&mut self, table: FigureTable) -> Result<(), XlsxError> {
        if self.part.cells == 0 {
            return Ok(());
        }
        let last = self.part.cells + 1;
        let mut values = vec![Value::Bold("Total"), Value::Empty, Value::Empty];
        if key_columns(table).category.is_some() {
            values.push(Value::Empty);
        }
        for (place, ((column, decimals), sum)) in table.columns().iter().zip(&self.sums).enumerate()
        {
            let letter = letter(table, place);
            values.push(match adds_up(column) {
                true => Value::Sum(format!("SUM({letter}2:{letter}{last})"), *sum, *decimals),
                false => Value::Empty,
            });
        }
        self.sheet.line(values)
    }
}

/// The headings of a table's columns, and their widths in characters.
fn heads(table: FigureTable) -> Vec<(&'static str, f64)> {
    let mut heads = vec![(owner_heading(table), 15.0), ("Nome", 32.0), ("Mês", 10.0)];
    if key_columns(table).category.is_some() {
        heads.push(("Categoria", 18.0));
    }
    let columns = table.columns().iter();
    heads.extend(columns.map(|(column, _)| (heading(column), 18.0)));
    heads.extend([
        ("Data-base", 12.0),
        ("Execução", 24.0),
        ("Gravado em", 20.0),
    ]);
    heads
}

/// The letter of a column of figures, given by its place.
fn letter(table: FigureTable, place: usize) -> char {
    let keys = 3 + usize::from(key_columns(table).category.is_some());
    let letters = ('A'..='Z').nth(keys + place);
    letters.expect("no table has as many columns as there are letters")
}

#[cfg(test)]
mod tests {
    use store::CellKey;

    use super::*;

    #[test]
    fn what_is_too_much_for_a_sheet_goes_on_another_and_is_summed_over_both() {
        let (mut workbook, formats) = (Workbook::new(), Formats::new());
        let table = FigureTable::EntradasCaixa;
        let mut figures = Figures::with_most(&mut workbook, &formats, table, 2).unwrap();
        for owner in 1..=3 {
            let cell = Cell {
                key: CellKey {
                    owner,
                    ref_month: "2026-03".parse().unwrap(),
                    category: "ativos".to_owned(),
                },
                nome: "=1+1".to_owned(),
                values: vec![Decimal::new(owner, 2), Decimal::ZERO],
                run: "20260401-052000-abcdef".parse().unwrap(),
                at: "2026-04-01T08:21:33Z".parse().unwrap(),
                as_of: None,
            };
            figures.row(&mut workbook, &cell).unwrap();
        }
        let sheets = figures.end().unwrap();
        let parts: Vec<_> = sheets
            .parts
            .iter()
            .map(|part| (part.name.as_str(), part.cells))
            .collect();
        assert_eq!(
            parts,
            [("Entradas de caixa", 2), ("Entradas de caixa (2)", 1)]
        );
        assert_eq!(
            sheets.formula(0),
            "SUM('Entradas de caixa'!E2:E3)+SUM('Entradas de caixa (2)'!E2:E2)"
        );
        assert_eq!(letter(FigureTable::Delinquency, 5), 'I');
    }
}
