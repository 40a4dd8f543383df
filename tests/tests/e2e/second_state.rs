//! What the ERP changes between two runs, with the rows it must change worked out by hand.

use serde_json::{Value, json};
use tests::{Fleet, GOLDEN, Tables, difference, expected};

use crate::GOLDEN_BACKFILL;

#[tokio::test(flavor = "multi_thread")]
async fn a_second_run_publishes_what_changed_and_nothing_else() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let _worker = fleet.worker(&[])?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    let mut tables = fleet.tables().await?;
    assert_eq!(difference(&expected(), &tables), [""; 0]);

    contrato_gone(&fleet, &mut tables);
    parcela_paid(&fleet, &mut tables);
    faturas_changed(&fleet, &mut tables);
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;

    assert_eq!(difference(&tables, &fleet.tables().await?), [""; 0]);
    fleet.remove().await
}

/// 1406 no longer has contrato 11016: active, 389,258.48, one parcela that was paid before 2026
/// and is no mensal one, so that only the contract counts and the loan to value change.
fn contrato_gone(fleet: &Fleet, tables: &mut Tables) {
    let mut contratos = body("contratos/1406.json");
    contratos
        .as_array_mut()
        .unwrap()
        .retain(|contrato| contrato["cod_contrato"] != 11016);
    fleet.erp.override_contratos(1406, contratos);

    tables.get_mut("contratos").unwrap().remove("11016");
    edit(tables, "empreendimentos", "1406", "true 25", "true 24");
    // vp 883,335.06 over 6,753,247.70 before, and over 6,363,989.22 now: 13.88 %.
    for month in 1..=11 {
        let key = format!("1406|2026-{month:02}");
        let row = tables
            .get_mut("estatisticas_portfolio")
            .unwrap()
            .get_mut(&key)
            .unwrap();
        let mut values: Vec<&str> = row.split(' ').collect();
        assert_eq!(
            (values[0], values[1], values[4], values[5]),
            ("883335.06", "13.08", "25", "20")
        );
        values[1] = "13.88";
        values[4] = "24";
        values[5] = "19";
        *row = values.join(" ");
    }
}

/// Parcela 11041001 of 1415 (from contract, due 2025-11-09, 1,443.99) is paid on 2026-11-10. At the
/// ends of January to October it was still open, as before; in November it was 379 days late and is
/// no longer. What is left to pay of it stays the same, so that the duration does.
fn parcela_paid(fleet: &Fleet, tables: &mut Tables) {
    let mut parcelas = body("parcelas/11041.json");
    let parcela = &mut parcelas[1];
    assert_eq!(
        (&parcela["cod_parcela"], &parcela["vlr_corrigido"]),
        (&json!(11041001), &json!(1764.99))
    );
    parcela["situacao"] = json!("Pago");
    parcela["data_baixa"] = json!("10/11/2026");
    parcela["vlr_pago"] = json!("1.450,00");
    parcela["vlr_corrigido"] = json!(3214.99);
    fleet.erp.override_parcelas(11041, parcelas);

    edit(
        tables,
        "entradas_caixa",
        "1415|2026-11|recuperacoes",
        "0.00 3747.38",
        "0.00 5197.38",
    );
    let row = |over_365: &str| format!("0.00 0.00 0.00 0.00 5094.70 5094.70 2 {over_365}");
    edit(
        tables,
        "delinquency",
        "1415|2026-11",
        &row("109534.49"),
        &row("108090.50"),
    );
}

/// Faturas of filial 9999, each alone in its month and type.
fn faturas_changed(fleet: &Fleet, tables: &mut Tables) {
    let text = std::fs::read_to_string(format!("{GOLDEN}/faturas.jsonl")).unwrap();
    let mut faturas: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    // Removed.
    faturas.retain(|fatura| fatura["Filial"]["Id"] != 9999 || fatura["NumeroAP"] != 1397);
    // Other filiais use the same numbers.
    for fatura in faturas
        .iter_mut()
        .filter(|fatura| fatura["Filial"]["Id"] == 9999)
    {
        match fatura["NumeroAP"].as_i64() {
            // Paid: seen open in the first run.
            Some(1158) => fatura["SaldoAtual"] = json!(0.0),
            // Reopened.
            Some(1013) => fatura["SaldoAtual"] = json!(19705.48),
            // Moved to another month.
            Some(1562) => fatura["DataVencimento"] = json!("24/10/2026"),
            // Moved to another type.
            Some(1024) => fatura["TipoDocumento"] = json!("IMPOSTO"),
            _ => {}
        }
    }
    fleet.erp.override_faturas(&faturas);

    edit(
        tables,
        "saidas_caixa",
        "9999|2026-07|FOLHA",
        "19705.48 19705.48",
        "19705.48 0.00",
    );
    let saidas = tables.get_mut("saidas_caixa").unwrap();
    for (key, row) in [
        ("9999|2026-08|CONTRATO", None),
        // Paid by `as_of`, in November; due in August.
        ("9999|2026-08|DISTRATO", Some("82640.45 0.00")),
        ("9999|2026-11|DISTRATO", Some("0.00 82640.45")),
        ("9999|2026-09|NF MAT", None),
        ("9999|2026-10|NF MAT", Some("15260.23 15260.23")),
        ("9999|2026-06|GUIA", None),
        ("9999|2026-06|IMPOSTO", Some("69616.14 69616.14")),
    ] {
        match row {
            Some(row) => drop(saidas.insert(key.to_owned(), row.to_owned())),
            None => assert!(saidas.remove(key).is_some(), "{key} was not there"),
        }
    }

    let faturas = tables.get_mut("faturas_pagar").unwrap();
    let mut change = |key: &str, from: Option<&str>, to: Option<&str>| {
        assert_eq!(faturas.remove(key).as_deref(), from, "{key}");
        to.map(|row| faturas.insert(key.to_owned(), row.to_owned()));
    };
    let key = |ap, parcela, agente, tipo, documento, due, valor| {
        format!("9999|{ap}|{parcela}|{agente}|{tipo}|{documento}|{due}|{valor}")
    };
    let paid = key(
        1158,
        "007",
        8258,
        "DISTRATO",
        "000258",
        "2026-08-06",
        "82640.45",
    );
    change(&paid, Some("82640.45 open"), Some("0.00 2026-11-23"));
    let reopened = key(
        1013,
        "006",
        8113,
        "FOLHA",
        "000113",
        "2026-07-15",
        "19705.48",
    );
    change(&reopened, Some("0.00 2026-07-15"), Some("19705.48 open"));
    let removed = key(
        1397,
        "006",
        8497,
        "CONTRATO",
        "000497",
        "2026-08-20",
        "11617.75",
    );
    change(&removed, Some("0.00 2026-08-20"), None);
    let before = key(
        1562,
        "003",
        8662,
        "NF MAT",
        "000662",
        "2026-09-24",
        "15260.23",
    );
    change(&before, Some("0.00 2026-09-24"), None);
    let after = key(
        1562,
        "003",
        8662,
        "NF MAT",
        "000662",
        "2026-10-24",
        "15260.23",
    );
    change(&after, None, Some("0.00 2026-10-24"));
    let before = key(
        1024,
        "005",
        8124,
        "GUIA",
        "000124",
        "2026-06-11",
        "69616.14",
    );
    change(&before, Some("0.00 2026-06-11"), None);
    let after = key(
        1024,
        "005",
        8124,
        "IMPOSTO",
        "000124",
        "2026-06-11",
        "69616.14",
    );
    change(&after, None, Some("0.00 2026-06-11"));
}

fn body(file: &str) -> Value {
    let text = std::fs::read_to_string(format!("{GOLDEN}/{file}")).unwrap();
    serde_json::from_str(&text).unwrap()
}

/// Changes a row that must be `from` before.
fn edit(tables: &mut Tables, table: &str, key: &str, from: &str, to: &str) {
    let row = tables.get_mut(table).unwrap().get_mut(key).unwrap();
    assert_eq!(row, from, "{table} {key}");
    *row = to.to_owned();
}
