//! Loading the monthly indices.

use domain::month::Month;
use rust_decimal::Decimal;
use store::{IpcaChanges, IpcaLoad};

use crate::support::*;

fn indices(months: &[(&str, &str)]) -> Vec<(Month, Decimal)> {
    let index = |(month, index): &(&str, &str)| (month.parse().unwrap(), index.parse().unwrap());
    months.iter().map(index).collect()
}

fn load(source: &str) -> IpcaLoad {
    IpcaLoad {
        source: source.to_owned(),
        by: "ana@office".to_owned(),
    }
}

async fn held(db: &Db) -> Vec<String> {
    let held = db.store.ipca().await.unwrap();
    held.iter()
        .map(|(month, index)| format!("{month} {}", index.normalize()))
        .collect()
}

pub async fn a_load_adds_and_revises_and_repeats_nothing(db: &Db) {
    assert_eq!(db.store.last_ipca_load().await.unwrap(), None);
    let first = indices(&[("2026-01", "0.33"), ("2026-02", "-0.05")]);
    let changes = db.store.load_ipca(&first, &load("a")).await.unwrap();
    let months = |changes: &IpcaChanges| {
        let added = changes.added.iter();
        added.map(Month::to_string).collect::<Vec<_>>()
    };
    assert_eq!(months(&changes), ["2026-01", "2026-02"]);
    assert_eq!(held(db).await, ["2026-01 0.33", "2026-02 -0.05"]);

    // The same again, in other words; then one more, and one revised.
    let same = indices(&[("2026-02", "-0.0500"), ("2026-01", "0.330")]);
    let changes = db.store.load_ipca(&same, &load("b")).await.unwrap();
    assert_eq!(changes, IpcaChanges::default());
    let more = indices(&[("2026-02", "0.05"), ("2026-04", "0.123456")]);
    let changes = db.store.load_ipca(&more, &load("c")).await.unwrap();
    assert_eq!(months(&changes), ["2026-04"]);
    let revised = changes.revised;
    assert_eq!(revised.len(), 1);
    assert_eq!(revised[0].0.to_string(), "2026-02");
    assert_eq!(
        [revised[0].1, revised[0].2],
        ["-0.05", "0.05"].map(|n| n.parse().unwrap())
    );
    assert_eq!(
        held(db).await,
        ["2026-01 0.33", "2026-02 0.05", "2026-04 0.123456"]
    );

    let (at, last) = db.store.last_ipca_load().await.unwrap().unwrap();
    assert_eq!(last, load("c"));
    assert!((chrono::Utc::now() - at).num_seconds().abs() < 60, "{at}");
    let loads = "SELECT source || ' ' || added || ' ' || revised AS value
                 FROM sync_ipca_loads ORDER BY at";
    assert_eq!(db.texts(loads).await, ["a 2 0", "b 0 0", "c 1 1"]);
}
