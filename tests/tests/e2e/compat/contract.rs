//! The statements of the readers, and what each gives over the golden data.

use std::collections::BTreeMap;

use sqlx::postgres::PgRow;
use sqlx::{Column as _, Row as _, TypeInfo as _};
use tests::contract;

use super::Switched;

/// The views, and the old tables that each stands for.
const VIEWS: [&str; 9] = [
    "filiais",
    "empreendimentos",
    "contratos",
    "entradas_caixa",
    "saidas_caixa",
    "estatisticas_portfolio",
    "inadimplencia",
    "faturas_pagar",
    "runs",
];

/// Columns with their types.
fn columns(row: &PgRow) -> Vec<String> {
    let columns = row.columns().iter();
    columns
        .map(|column| format!("{} {}", column.name(), column.type_info().name()))
        .collect()
}

fn sum(rows: &[PgRow], column: &str) -> anyhow::Result<f64> {
    rows.iter()
        .map(|row| Ok(row.try_get::<f64, _>(column)?))
        .sum()
}

fn near(found: f64, expected: f64) {
    assert!(
        (found - expected).abs() < 0.005,
        "{found} instead of {expected}"
    );
}

/// What every statement of the contract gives, over views that were just installed.
pub async fn the_contract_holds(switched: &Switched) -> anyhow::Result<()> {
    let contract = contract();
    assert_eq!(contract.len(), 16);
    let rows = async |name: &str| switched.rows(contract[name]).await;

    let c1 = rows("C1").await?;
    assert_eq!(c1.len(), 9);
    let known: BTreeMap<i32, (i32, Option<i32>)> = c1
        .iter()
        .filter(|row| row.get::<String, _>("origem") == "mega")
        .map(|row| {
            (
                row.get("external_id"),
                (row.get("id"), row.get("filial_id")),
            )
        })
        .collect();
    assert_eq!(known[&1400].0, 3001);
    assert_eq!(known[&1403], (1_000_001_403, Some(1_500_000_107)));
    assert!(!known.contains_key(&1412));
    assert_eq!(
        columns(&c1[0]).join(", "),
        "id INT4, external_id INT4, name VARCHAR, filial_id INT4, centro_custo_id INT4, is_active BOOL, \
         raw_data JSON, origem VARCHAR, created_at TIMESTAMPTZ, updated_at TIMESTAMPTZ, \
         last_synced_at TIMESTAMPTZ, last_financial_sync_at TIMESTAMPTZ"
    );

    let c2 = rows("C2").await?;
    let mut ids: Vec<i32> = c2.iter().map(|row| row.get("id")).collect();
    ids.sort_unstable();
    assert_eq!(ids, [7, 1_500_000_107]);
    assert!(
        c2.iter()
            .all(|row| row.get::<String, _>("nome") != "Filial antiga")
    );

    let c3 = rows("C3").await?;
    let synced: BTreeMap<i32, bool> = c3
        .iter()
        .map(|row| {
            let at: Option<chrono::DateTime<chrono::Utc>> = row.get("last_financial_sync_at");
            (row.get("filial_id"), at.is_some())
        })
        .collect();
    let expected = [
        (7, true),
        (1_000_100, false),
        (1_010_001, false),
        (1_500_000_107, true),
    ];
    assert_eq!(synced, expected.into());

    let c4 = rows("C4").await?;
    let by_category: BTreeMap<String, (f64, f64, i64)> = c4
        .iter()
        .map(|row| {
            (
                row.get("category"),
                (row.get("forecast"), row.get("actual"), row.get("n")),
            )
        })
        .collect();
    for (category, forecast, actual, count) in [
        ("antecipacoes", 0.0, 0.0, 14),
        ("ativos", 106_664.81, 76_415.85, 16),
        ("outras", 18_271.56, 15_048.84, 14),
        ("recuperacoes", 0.0, 7_996.46, 14),
    ] {
        let found = by_category[category];
        near(found.0, forecast);
        near(found.1, actual);
        assert_eq!(found.2, count, "{category}");
    }
    assert_eq!(by_category.len(), 4);

    let c5 = rows("C5").await?;
    assert_eq!(c5.len(), 13);
    near(sum(&c5, "orcamento")?, 1_321_879.08);
    near(sum(&c5, "realizado")?, 1_119_141.29);
    near(rows("C6").await?[0].get("opening"), -7_958_281.34);

    let c7 = rows("C7").await?;
    assert_eq!(c7.len(), 71);
    let mut newest = BTreeMap::new();
    for row in &c7 {
        newest
            .entry(row.get::<i32, _>("empreendimento_id"))
            .or_insert(row.get::<f64, _>("vp"));
    }
    near(newest.values().sum(), 1_317_580.97);

    let c8 = &rows("C8").await?[0];
    near(c8.get("vp"), 1_316_580.97);
    assert_eq!(
        (
            c8.get::<i64, _>("total_contracts"),
            c8.get::<i64, _>("active_contracts")
        ),
        (59, 44)
    );

    let c9 = rows("C9").await?;
    assert_eq!(c9.len(), 1);
    near(c9[0].get("up_to_30"), 21_220.52);
    near(c9[0].get("total"), 119_192.79);
    assert_eq!(c9[0].get::<i64, _>("qty_total"), 40);

    assert_eq!(rows("C10").await?.len(), 0);
    let c11 = rows("C11").await?;
    assert_eq!(c11.len(), 11);
    near(sum(&c11, "total_actual")?, 526_936.69);
    assert_eq!(rows("C12").await?[0].get::<i64, _>("total"), 2);

    let c13 = rows("C13").await?;
    assert_eq!(c13.len(), 3);
    let ours = &c13[0];
    assert_eq!(ours.get::<String, _>("exec_date"), "2026-11-22");
    assert_eq!(ours.get::<String, _>("status"), "success");
    let metrics: serde_json::Value = ours.get("metrics");
    assert_eq!(metrics["developments_synced"], 8);

    let c14 = rows("C14").await?;
    let of: BTreeMap<String, (i32, Option<rust_decimal::Decimal>)> = c14
        .iter()
        .map(|row| {
            (
                row.get("origem"),
                (row.get("empreendimento_id"), row.get("valor_contrato")),
            )
        })
        .collect();
    assert_eq!(of["mega"], (3001, Some("373878.77".parse()?)));
    assert_eq!(of["uau"], (30_779, None));
    assert_ne!(c14[0].get::<i32, _>("id"), c14[1].get::<i32, _>("id"));

    let c15 = &rows("C15").await?[0];
    assert_eq!(c15.get::<i64, _>("faturas"), 139);
    assert_eq!(
        c15.get::<rust_decimal::Decimal, _>("valor"),
        "5977477.27".parse()?
    );
    for row in rows("C16").await? {
        assert_eq!(
            row.get::<i64, _>("repeated"),
            0,
            "{}",
            row.get::<String, _>("view")
        );
    }
    for view in VIEWS {
        let repeated = switched
            .text(&format!("SELECT count(*) - count(DISTINCT id) FROM {view}"))
            .await?;
        assert_eq!(repeated, "0", "{view}");
        // Names and types are those of the old table, whatever its timestamps are.
        let described = "SELECT string_agg(column_name || ' ' || data_type || coalesce(character_maximum_length::text, ''),
                                ', ' ORDER BY column_name)
                         FROM information_schema.columns WHERE table_name = '{view}' AND table_schema = ";
        let described = described.replace("{view}", view);
        let ours = switched.text(&format!("{described} 'compat'")).await?;
        let old = switched.text(&format!("{described} 'antigo'")).await?;
        assert_eq!(
            ours,
            old.replace("without time zone", "with time zone"),
            "{view}"
        );
    }
    Ok(())
}
