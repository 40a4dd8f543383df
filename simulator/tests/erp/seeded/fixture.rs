//! A small seeded simulator, and what its records hold.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use serde_json::Value;
use simulator::{Config, Seeded};

use crate::client::{Client, faturas_path, parcelas_path};

pub const TODAY: &str = "2026-11-23";

pub fn small() -> Seeded {
    Seeded {
        seed: 7,
        contratos: 121,
        parcelas_per_contrato: 40,
        faturas: 2_000,
        today: TODAY.parse().expect("a day"),
        ..Seeded::default()
    }
}

pub async fn client(seeded: Seeded) -> Client {
    Client::start(Config::seeded(seeded)).await
}

pub async fn all_parcelas(client: &Client) -> Vec<Value> {
    let mut parcelas = Vec::new();
    for contrato in 11_001..=11_121 {
        parcelas.extend(client.records(&parcelas_path(contrato)).await);
    }
    parcelas
}

pub async fn all_faturas(client: &Client) -> Vec<Value> {
    let mut rows = client
        .records(&faturas_path(None, "2024-01-01", "2025-12-31"))
        .await;
    rows.extend(
        client
            .records(&faturas_path(None, "2026-01-01", "2027-12-31"))
            .await,
    );
    rows
}

pub fn values<'a>(records: &'a [Value], key: &str) -> BTreeSet<&'a str> {
    records
        .iter()
        .filter_map(|record| record[key].as_str())
        .collect()
}

pub fn day(value: &Value) -> Option<NaiveDate> {
    value
        .as_str()
        .map(|text| NaiveDate::parse_from_str(text, "%d/%m/%Y").expect("a date"))
}

/// The fields of a record, and of the records inside it.
pub fn fields(record: &Value) -> BTreeSet<String> {
    let mut names = BTreeSet::new();
    for (name, value) in record.as_object().expect("a record") {
        let inner = if value.is_object() {
            fields(value)
        } else {
            BTreeSet::new()
        };
        names.extend(inner.iter().map(|inner| format!("{name}.{inner}")));
        names.insert(name.clone());
    }
    names
}
