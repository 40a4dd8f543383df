//! What a commit of payables does to faturas_pagar and saidas_caixa.

use std::collections::{BTreeMap, HashSet};

use chrono::NaiveDate;
use domain::job::FilialId;
use domain::money::{Amount, Money};
use domain::tables::{FaturaKey, FaturaRow};
use serde_json::Value;

use crate::support::*;

async fn saidas(db: &Db) -> Vec<String> {
    db.texts(
        "SELECT filial_id || '|' || mes_referencia || '|' || categoria || ' '
                || CAST(ROUND(orcamento * 100) AS BIGINT) || ' '
                || CAST(ROUND(realizado * 100) AS BIGINT) AS value
         FROM saidas_caixa ORDER BY filial_id, mes_referencia, categoria",
    )
    .await
}

pub async fn a_settlement_is_dated_by_how_the_balance_moved(db: &Db) {
    let due = "2026-01-10";
    let steps = [
        // as of, balance, data_baixa
        ("2026-01-20", 100, "null"),
        ("2026-02-05", 40, "null"),
        ("2026-02-20", 0, "2026-02-20"),
        ("2026-03-01", 0, "2026-02-20"),
        ("2026-03-10", 70, "null"),
        ("2026-03-20", 0, "2026-03-20"),
    ];
    let baixa = "SELECT data_baixa AS value FROM faturas_pagar ORDER BY numero_ap";
    for (n, (as_of, balance, expected)) in steps.into_iter().enumerate() {
        let window = params("2026-01-01", "2026-03-31", as_of);
        let faturas = vec![
            fatura("1", "NF", due, 100, balance),
            // Settled before anybody looked.
            fatura("2", "NF", "2026-03-15", 10, 0),
        ];
        commit_faturas(db, &format!("run-{n}"), window, faturas).await;
        assert_eq!(
            db.texts(baixa).await,
            [expected, "2026-03-15"],
            "as of {as_of}"
        );
    }
    // Due in January, paid in March.
    assert_eq!(
        saidas(db).await,
        ["10|2026-01|NF 100 0", "10|2026-03|NF 10 110"]
    );
}

pub async fn the_window_is_replaced_and_the_rest_stays(db: &Db) {
    let year = params("2026-01-01", "2026-12-31", "2026-06-30");
    let faturas = vec![
        fatura("1", "NF", "2026-01-10", 100, 0),
        fatura("2", "NF", "2026-03-10", 200, 50),
        fatura("3", "ISS", "2026-03-11", 30, 0),
        fatura("4", "", "2026-03-12", 5, 5),
        fatura("5", "NF", "2026-12-31", 1_000, 1_000),
    ];
    commit_faturas(db, "a", year, faturas.clone()).await;
    assert_eq!(
        saidas(db).await,
        [
            "10|2026-01|NF 100 100",
            "10|2026-03|ISS 30 30",
            "10|2026-03|NF 200 150",
            "10|2026-03|OUTROS 5 0",
            "10|2026-12|NF 1000 0",
        ]
    );

    // In the days of the window 3 and 4 are gone; a day outside is not the window's to judge.
    let days = params("2026-03-10", "2026-03-31", "2026-07-01");
    commit_faturas(db, "b", days, vec![faturas[1].clone()]).await;
    assert_eq!(
        saidas(db).await,
        [
            "10|2026-01|NF 100 100",
            "10|2026-03|NF 200 150",
            "10|2026-12|NF 1000 0"
        ]
    );
    assert_eq!(
        db.texts("SELECT mes_referencia || ' ' || run_id AS value FROM saidas_caixa ORDER BY 1")
            .await,
        ["2026-01 a", "2026-03 b", "2026-12 a"]
    );

    // Nothing is due any more in the year.
    let year = params("2026-01-01", "2026-12-31", "2026-07-02");
    commit_faturas(db, "c", year, Vec::new()).await;
    assert_eq!(saidas(db).await, [""; 0]);
    assert_eq!(
        db.text("SELECT COUNT(*) AS value FROM faturas_pagar").await,
        "0"
    );
}

pub async fn a_fatura_that_changes_type_or_month_takes_its_figures_along(db: &Db) {
    let listed =
        |n: &str, tipo: &str, due: &str| (n.to_owned(), vec![fatura("1", tipo, due, 100, 100)]);
    for ((run, faturas), expected) in [
        (listed("a", "NF", "2026-01-31"), "10|2026-01|NF 100 0"),
        (
            listed("b", "NF_REF", "2026-01-31"),
            "10|2026-01|NF_REF 100 0",
        ),
        (
            listed("c", "NF_REF", "2026-02-01"),
            "10|2026-02|NF_REF 100 0",
        ),
    ] {
        commit_faturas(db, &run, first_quarter(), faturas).await;
        assert_eq!(saidas(db).await, [expected]);
    }
}

pub async fn a_filial_nobody_names_is_created(db: &Db) {
    let mut stray = fatura("1", "NF", "2026-01-31", 100, 100);
    stray.key.filial_id = filial(9_999);
    commit_faturas(db, "a", first_quarter(), vec![stray.clone()]).await;
    let created = "SELECT id || ' ' || nome || ' ' || CAST(is_active AS INTEGER) AS value
                   FROM filiais WHERE id = 9999";
    assert_eq!(db.text(created).await, "9999 Filial 9999 0");
    assert_eq!(saidas(db).await, ["9999|2026-01|NF 100 0"]);
    commit_faturas(db, "b", first_quarter(), vec![stray]).await;
    assert_eq!(db.text(created).await, "9999 Filial 9999 0");
}

pub async fn awkward_texts_survive(db: &Db) {
    let awkward = "a\tb\\N\n\r\\.\"'{ç}";
    let mut odd = fatura(awkward, "\\N", "2026-01-31", 100, 100);
    odd.key.numero_documento = "".into();
    odd.data_prorrogado = Some("2026-02-28".parse().unwrap());
    commit_faturas(db, "a", first_quarter(), vec![odd]).await;
    assert_eq!(
        db.text("SELECT numero_ap AS value FROM faturas_pagar")
            .await,
        awkward
    );
    assert_eq!(
        db.text("SELECT categoria AS value FROM saidas_caixa").await,
        "\\N"
    );
    let rest = "SELECT numero_documento || '|' || data_prorrogado AS value FROM faturas_pagar";
    assert_eq!(db.text(rest).await, "|2026-02-28");
}

fn read_golden(file: &str) -> String {
    let path = format!("{}/../../tests/golden/{file}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn golden_fatura(line: &str) -> FaturaRow {
    let row: Value = serde_json::from_str(line).unwrap();
    let money = |field: &str| -> Money { Amount::parse(&row[field].to_string()).unwrap().round() };
    let day = |field: &str| {
        row[field]
            .as_str()
            .map(|text| NaiveDate::parse_from_str(text, "%d/%m/%Y").unwrap())
    };
    let text = |field: &str| row[field].as_str().unwrap_or_default().into();
    FaturaRow {
        key: FaturaKey {
            filial_id: FilialId::try_from(row["Filial"]["Id"].as_i64().unwrap()).unwrap(),
            numero_ap: row["NumeroAP"].to_string().into(),
            numero_parcela: text("NumeroParcela"),
            agente_codigo: row["Agente"]["Codigo"].as_i64().unwrap(),
            tipo_documento: text("TipoDocumento"),
            numero_documento: text("NumeroDocumento"),
            data_vencimento: day("DataVencimento").unwrap(),
            valor_parcela: money("ValorParcela"),
        },
        saldo_atual: money("SaldoAtual"),
        data_prorrogado: day("DataProrrogado"),
    }
}

pub async fn the_golden_faturas_make_the_golden_cash_out(db: &Db) {
    let window = params("2026-01-01", "2026-11-22", "2026-11-23");
    let days = window.start_date..=window.end_date;
    let mut seen = HashSet::new();
    let faturas: Vec<_> = read_golden("faturas.jsonl")
        .lines()
        .map(golden_fatura)
        .filter(|row| days.contains(&row.key.data_vencimento) && seen.insert(row.key.clone()))
        .collect();
    commit_faturas(db, "golden", window, faturas).await;

    let expected: Value = serde_json::from_str(&read_golden("expected.json")).unwrap();
    let expected: BTreeMap<String, [Money; 2]> =
        serde_json::from_value(expected["saidas_caixa"].clone()).unwrap();
    assert_eq!(expected.len(), 165);
    let expected: Vec<_> = expected
        .into_iter()
        .map(|(key, [orcamento, realizado])| {
            format!("{key} {} {}", orcamento.centavos(), realizado.centavos())
        })
        .collect();
    let mut written = saidas(db).await;
    written.sort_by(|a, b| a.split(' ').next().cmp(&b.split(' ').next()));
    assert_eq!(written, expected);
}
