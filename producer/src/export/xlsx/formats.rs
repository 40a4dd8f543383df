//! How cells look.

use rust_xlsxwriter::{Color, Format, FormatAlign};

/// How cells look, by what they hold.
pub struct Formats {
    /// A heading of columns.
    pub head: Format,
    /// A heading above a part of a sheet, and what stands out.
    pub bold: Format,
    /// What must not be overlooked.
    pub warning: Format,
    /// The code of an empreendimento or a filial.
    pub code: Format,
    /// A month.
    pub month: Format,
    /// A day.
    pub day: Format,
    /// A moment.
    pub time: Format,
    /// A number, by its decimals.
    pub numbers: [Format; 3],
    /// A sum, by its decimals.
    pub sums: [Format; 3],
}

/// Of numbers without decimals, with one, and with two. Excel writes them with the signs of its language.
const NUMBERS: [&str; 3] = ["#,##0", "#,##0.0", "#,##0.00"];

impl Formats {
    /// All of them.
    pub fn new() -> Self {
        let of = |format: &str| Format::new().set_num_format(format);
        Self {
            head: Format::new()
                .set_bold()
                .set_text_wrap()
                .set_align(FormatAlign::Top)
                .set_background_color(Color::RGB(0x00DD_E6ED)),
            bold: Format::new().set_bold(),
            warning: Format::new()
                .set_bold()
                .set_font_color(Color::RGB(0x00B0_0020)),
            code: of("0"),
            month: of("mm/yyyy"),
            day: of("dd/mm/yyyy"),
            time: of("dd/mm/yyyy hh:mm:ss"),
            numbers: NUMBERS.map(of),
            sums: NUMBERS.map(|format| of(format).set_bold()),
        }
    }

    /// That of a number with so many decimals, two at most.
    pub fn number(&self, decimals: u32) -> &Format {
        &self.numbers[decimals.min(2) as usize]
    }

    /// The same of a sum.
    pub fn sum(&self, decimals: u32) -> &Format {
        &self.sums[decimals.min(2) as usize]
    }
}
