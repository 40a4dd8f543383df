//! The golden data: answers of the ERP, and the tables a correct backfill makes of them.

use std::path::Path;

use serde_json::{Value, json};
use simulator::Simulator;

use crate::tables::Tables;

/// The folder of the golden data.
pub const GOLDEN: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/golden");

/// The arguments of the golden backfill.
pub const GOLDEN_BACKFILL: [&str; 8] = [
    "backfill",
    "--start-date",
    "2026-01-01",
    "--end-date",
    "2026-11-22",
    "--as-of",
    "2026-11-23",
    "--wait",
];

/// The same, without waiting for the end.
pub const GOLDEN_ENQUEUE: &[&str] = GOLDEN_BACKFILL.split_at(7).0;

/// Whether every job is done, for [`crate::Fleet::until`].
pub const ALL_DONE: &str = "SELECT bool_and(state = 'done') FROM sync_jobs";

/// Has the ERP answer with an amount that cannot be read for a contrato of empreendimento 1406, which then
/// fails.
pub fn garble_a_contrato(erp: &Simulator) {
    erp.override_parcelas(11013, json!([{ "vlr_pago": "mil" }]));
}

/// The tables after `backfill --start-date 2026-01-01 --end-date 2026-11-22 --as-of 2026-11-23`
/// on an empty database.
pub fn expected() -> Tables {
    let text = std::fs::read_to_string(Path::new(GOLDEN).join("expected.json"))
        .expect("the golden data is part of the repository");
    let tables: serde_json::Map<String, Value> = serde_json::from_str(&text).expect("it is JSON");
    let row = |(key, values): (&String, &Value)| (key.clone(), joined(values));
    tables
        .iter()
        .map(|(table, rows)| {
            let rows = rows.as_object().expect("a table is an object of rows");
            (table.clone(), rows.iter().map(row).collect())
        })
        .collect()
}

/// One of the ERP's golden answers: `contratos/1406`, `parcelas/11013`, `empreendimentos`.
pub fn golden(name: &str) -> Value {
    let text = std::fs::read_to_string(Path::new(GOLDEN).join(format!("{name}.json")))
        .expect("the golden data is part of the repository");
    serde_json::from_str(&text).expect("it is JSON")
}

/// The values of a row as text, one blank apart.
fn joined(values: &Value) -> String {
    let text = |value: &Value| {
        value
            .as_str()
            .map_or_else(|| value.to_string(), str::to_owned)
    };
    let values: Vec<String> = match values {
        Value::Array(values) => values.iter().map(text).collect(),
        Value::Object(values) => ["is_active", "contracts"]
            .map(|name| text(&values[name]))
            .into(),
        other => vec![text(other)],
    };
    values.join(" ")
}
