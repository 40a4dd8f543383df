//! A list of payables that is filtered as the ERP filters: by due date, filial and what is left to
//! pay.

use std::io;

use chrono::NaiveDate;
use serde_json::Value;

use crate::call::Period;
use crate::json::{identifier, invalid_data};

#[derive(Debug, Default)]
pub(crate) struct Payables(Vec<Row>);

#[derive(Debug)]
struct Row {
    json: String,
    /// `None` where it cannot be read: such a row is in every answer.
    due: Option<NaiveDate>,
    filial: Option<i64>,
    /// Also where the balance cannot be read.
    em_aberto: bool,
}

impl Payables {
    /// Reads one row per line, kept as written.
    pub fn from_lines(lines: &str) -> io::Result<Self> {
        lines
            .lines()
            .filter(|line| !line.trim().is_empty())
            .map(Row::parse)
            .collect()
    }

    pub fn from_values(rows: &[Value]) -> Self {
        Self(
            rows.iter()
                .map(|row| Row::new(row.to_string(), row))
                .collect(),
        )
    }

    pub fn body(&self, period: Period) -> Vec<u8> {
        let rows = self
            .0
            .iter()
            .filter(|row| row.is_in(period))
            .map(|row| row.json.as_str());
        format!("[{}]", rows.collect::<Vec<_>>().join(", ")).into_bytes()
    }
}

impl FromIterator<Row> for Payables {
    fn from_iter<I: IntoIterator<Item = Row>>(rows: I) -> Self {
        Self(rows.into_iter().collect())
    }
}

impl Row {
    fn parse(line: &str) -> io::Result<Self> {
        let value = serde_json::from_str(line).map_err(invalid_data)?;
        Ok(Self::new(line.to_owned(), &value))
    }

    fn new(json: String, value: &Value) -> Self {
        let due = value.get("DataVencimento").and_then(Value::as_str);
        Self {
            json,
            due: due.and_then(|text| NaiveDate::parse_from_str(text, "%d/%m/%Y").ok()),
            filial: identifier(value.pointer("/Filial/Id")),
            em_aberto: has_balance(value.get("SaldoAtual")),
        }
    }

    fn is_in(&self, period: Period) -> bool {
        self.due
            .is_none_or(|due| (period.ini..=period.fim).contains(&due))
            && (period.filial.is_none() || period.filial == self.filial)
            && (self.em_aberto || !period.em_aberto)
    }
}

/// Whether something is left to pay, or that cannot be read.
fn has_balance(saldo: Option<&Value>) -> bool {
    match saldo {
        Some(Value::Number(saldo)) => saldo.as_f64().is_none_or(|saldo| saldo > 0.0),
        // As in `1.234,56`.
        Some(Value::String(saldo)) => {
            let is_zero = |c: char| !('1'..='9').contains(&c);
            let is_settled = saldo.contains('-') || saldo.chars().all(is_zero);
            let is_number = |c: char| c.is_ascii_digit() || ".,- ".contains(c);
            !(is_settled && saldo.chars().all(is_number))
        }
        _ => true,
    }
}
