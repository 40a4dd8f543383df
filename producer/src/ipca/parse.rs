//! Reading a list of monthly indices: the central bank's JSON, or lines of month and per cent.

use std::collections::BTreeMap;

use chrono::{Datelike as _, NaiveDate};
use domain::month::Month;
use rust_decimal::Decimal;
use serde::Deserialize;

/// A monthly index beyond this is a mistake: the highest ever was 82 %.
const LARGEST: Decimal = Decimal::ONE_HUNDRED;
/// The table keeps so many.
const MOST_DECIMALS: u32 = 6;

/// An element of the central bank's answer.
#[derive(Deserialize)]
struct Element {
    data: String,
    valor: String,
}

/// The indices of a text, by month: `[{"data": "01/01/2026", "valor": "0.33"}]`, or lines such as
/// `2026-01,0.33` or `01/01/2026;0,33`, with or without a heading.
///
/// # Errors
/// What is wrong, and where.
pub(crate) fn parse(text: &str) -> Result<Vec<(Month, Decimal)>, String> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let pairs = match text.starts_with('[') {
        true => of_json(text)?,
        false => of_lines(text)?,
    };
    let mut indices = BTreeMap::new();
    for (place, month, index) in pairs {
        let read = month_of(&month).and_then(|month| Ok((month, index_of(&index)?)));
        let (month, index) = read.map_err(|why| format!("{place}: {why}"))?;
        if indices
            .insert(month, index)
            .is_some_and(|other| other != index)
        {
            return Err(format!("{place}: another index for {month}"));
        }
    }
    match indices.is_empty() {
        true => Err("it has no index".to_owned()),
        false => Ok(indices.into_iter().collect()),
    }
}

/// Where each pair stands, its month and its index.
type Pairs = Vec<(String, String, String)>;

fn of_json(text: &str) -> Result<Pairs, String> {
    let elements: Vec<Element> = serde_json::from_str(text).map_err(|error| error.to_string())?;
    let elements = elements.into_iter().enumerate();
    Ok(elements
        .map(|(at, Element { data, valor })| (format!("element {}", at + 1), data, valor))
        .collect())
}

fn of_lines(text: &str) -> Result<Pairs, String> {
    let delimiter = if text.contains(';') { b';' } else { b',' };
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut pairs = Vec::new();
    for (at, record) in reader.records().enumerate() {
        let record = record.map_err(|error| error.to_string())?;
        let [month, index] = [0, 1].map(|field| record.get(field).unwrap_or_default().to_owned());
        let is_heading = at == 0 && !month.contains(|c: char| c.is_ascii_digit());
        if !is_heading {
            pairs.push((format!("line {}", at + 1), month, index));
        }
    }
    Ok(pairs)
}

fn month_of(text: &str) -> Result<Month, String> {
    let first = NaiveDate::parse_from_str(text, "%d/%m/%Y");
    match first {
        Ok(first) if first.day() == 1 => Ok(Month::of(first)),
        Ok(_) => Err(format!("{text:?} is not the first day of a month")),
        Err(_) => text
            .parse()
            .map_err(|_| format!("{text:?} is no month, written 2026-01 or 01/01/2026")),
    }
}

fn index_of(text: &str) -> Result<Decimal, String> {
    let index: Option<Decimal> = text.replace(',', ".").parse().ok();
    index
        .filter(|index| index.abs() <= LARGEST && index.normalize().scale() <= MOST_DECIMALS)
        .ok_or_else(|| format!("{text:?} is no index in per cent"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> String {
        match parse(text) {
            Ok(indices) => indices
                .iter()
                .map(|(month, index)| format!("{month} {index}"))
                .collect::<Vec<_>>()
                .join(", "),
            Err(why) => why,
        }
    }

    #[test]
    fn both_formats_are_read_exactly() {
        let expected = "2025-12 -0.05, 2026-01 0.33";
        for text in [
            r#"[{"data":"01/01/2026","valor":"0.33"},{"data":"01/12/2025","valor":"-0.05"}]"#,
            "2025-12,-0.05\n2026-01,0.33\n",
            "\u{feff}mes,percentual\r\n2025-12, -0.05\r\n2026-01, 0.33\r\n",
            "\"data\";\"valor\"\n\"01/12/2025\";\"-0,05\"\n\"01/01/2026\";\"0,33\"\n",
            "01/12/2025;-0,05\n01/01/2026;0,33\n01/01/2026;0,33",
        ] {
            assert_eq!(read(text), expected, "{text}");
        }
    }

    #[test]
    fn what_cannot_be_an_index_is_named_by_its_place() {
        for (text, why) in [
            ("", "it has no index"),
            ("[]", "it has no index"),
            ("mes,percentual", "it has no index"),
            ("<html>", "it has no index"),
            (r#"{"data":"01/01/2026"}"#, "line 1"),
            (r#"[{"data":"01/01/2026"}]"#, "missing field `valor`"),
            (
                r#"[{"data":"31/01/2026","valor":"1"}]"#,
                "element 1: \"31/01/2026\" is not the first",
            ),
            (
                r#"[{"data":"2026/01","valor":"1"}]"#,
                "element 1: \"2026/01\" is no month",
            ),
            (
                r#"[{"data":"01/01/2026","valor":""}]"#,
                "element 1: \"\" is no index",
            ),
            ("2026-01,0.33\n2026-02,x", "line 2: \"x\" is no index"),
            ("2026-01,0.33\n2026-02", "CSV error"),
            ("2026-01,100.01", "line 1: \"100.01\" is no index"),
            ("2026-01,0.1234567", "line 1: \"0.1234567\" is no index"),
            (
                "2026-01,0.33\n2026-01,0.34",
                "line 2: another index for 2026-01",
            ),
        ] {
            let read = read(text);
            assert!(read.contains(why), "{text}: {read}");
        }
    }
}
