//! The golden answers, changed, and what must hold of the tables.

use serde_json::Value;
use tests::{Site, Tables, difference, expected, golden};

/// The golden window.
pub(super) const WINDOW: &str = "--start-date 2026-01-01 --end-date 2026-11-22 --as-of 2026-11-23";

/// The contratos of an empreendimento, each changed.
pub(super) fn contratos(id: i64, change: impl Fn(&mut Value)) -> Value {
    let mut contratos = golden(&format!("contratos/{id}"));
    contratos
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .for_each(change);
    contratos
}

pub(super) fn codes(id: i64) -> Vec<i64> {
    let contratos = golden(&format!("contratos/{id}"));
    let code = |contrato: &Value| contrato["cod_contrato"].as_i64().unwrap();
    contratos.as_array().unwrap().iter().map(code).collect()
}

pub(super) fn parcelas(contrato: i64) -> Vec<Value> {
    match golden(&format!("parcelas/{contrato}")) {
        Value::Array(parcelas) => parcelas,
        other => panic!("{other}"),
    }
}

pub(super) async fn assert_tables(site: &Site, expected: &Tables) -> anyhow::Result<()> {
    assert_eq!(difference(expected, &site.tables().await?), [""; 0]);
    Ok(())
}

/// The tables differ, and only in rows of one empreendimento.
pub(super) async fn assert_only_of(site: &Site, id: i64) -> anyhow::Result<()> {
    let differences = difference(&expected(), &site.tables().await?);
    assert!(!differences.is_empty());
    let others: Vec<_> = differences
        .iter()
        .filter(|line| !line.contains(&format!(" {id}|")) && !line.contains(&format!(" {id}:")))
        .filter(|line| !line.starts_with("contratos "))
        .collect();
    assert_eq!(others, [""; 0]);
    Ok(())
}

/// What failed names a check and an empreendimento; nothing of it is in the tables.
pub(super) async fn assert_failed(site: &Site, words: &[&str]) -> anyhow::Result<()> {
    let failed = site.exits(3, &["failed"]).await?;
    for word in words {
        assert!(failed.contains(word), "{word} is missing in:\n{failed}");
    }
    assert_tables(site, &expected()).await
}
