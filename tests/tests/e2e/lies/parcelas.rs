//! Parcelas that come twice, belong to another contrato, or lack what places them.

use serde_json::{Value, json};
use tests::{Site, Tables, expected};

use super::support::{WINDOW, assert_failed, assert_tables, codes, parcelas};
use crate::on_both::on_both;

on_both! {
    parcelas_that_come_twice_count_once,
    one_cod_parcela_with_other_contents_counts_twice,
    parcelas_of_another_contrato_are_rejected,
    a_paid_parcela_without_a_date_is_in_no_month,
}

async fn parcelas_that_come_twice_count_once(site: &Site) -> anyhow::Result<()> {
    for id in [1400, 1403, 1406, 1409, 1415, 1418, 1421] {
        for code in codes(id) {
            let once = parcelas(code);
            // One after the other for some, the whole list again for others.
            let twice = match code % 2 {
                0 => once.iter().chain(&once).cloned().collect(),
                _ => once
                    .iter()
                    .flat_map(|one| [one.clone(), one.clone()])
                    .collect(),
            };
            site.erp().override_parcelas(code, Value::Array(twice));
        }
    }
    site.backfill(0, WINDOW).await?;
    assert_tables(site, &expected()).await?;
    let told = site.told(0).await?;
    assert_eq!(told.len(), 7, "{told:?}");
    assert!(
        told.iter().all(|check| check.ends_with(" once noted")),
        "{told:?}"
    );
    // The truth after that is no fall.
    site.erp().clear_overrides();
    site.backfill(0, WINDOW).await?;
    assert_eq!(site.told(0).await?, [""; 0]);
    Ok(())
}

async fn one_cod_parcela_with_other_contents_counts_twice(site: &Site) -> anyhow::Result<()> {
    let mut list = parcelas(11003);
    let due_in_march = |parcela: &&Value| {
        parcela["data_vencimento"]
            .as_str()
            .is_some_and(|due| due.ends_with("/03/2026"))
            && parcela["parcela_origem"] == "Contrato"
            && parcela["status_parcela"] == "Ativo"
    };
    let mut other = list
        .iter()
        .find(due_in_march)
        .expect("one in March")
        .clone();
    other["vlr_original"] = json!(1000);
    list.push(other);
    site.erp().override_parcelas(11003, Value::Array(list));
    site.backfill(0, WINDOW).await?;
    assert_eq!(site.told(0).await?, ["1400 once noted"]);
    let forecast = |tables: &Tables| {
        let row = &tables["entradas_caixa"]["1400|2026-03|ativos"];
        row.split(' ').next().unwrap().parse::<f64>().unwrap()
    };
    let more = forecast(&site.tables().await?) - forecast(&expected());
    assert_eq!((more * 100.0).round(), 100_000.0);
    Ok(())
}

async fn parcelas_of_another_contrato_are_rejected(site: &Site) -> anyhow::Result<()> {
    site.backfill(0, WINDOW).await?;
    let mut list = parcelas(11013);
    for parcela in &mut list[..29] {
        parcela["cod_contrato"] = json!(11014);
    }
    site.erp().override_parcelas(11013, Value::Array(list));
    site.backfill(3, WINDOW).await?;
    assert_failed(
        site,
        &[
            "data: readable-parcelas: 29 of 1131 rejected",
            "cod_contrato: of another contrato",
        ],
    )
    .await
}

async fn a_paid_parcela_without_a_date_is_in_no_month(site: &Site) -> anyhow::Result<()> {
    let mut list = parcelas(11001);
    let paid_in_window = |parcela: &&mut Value| {
        let paid = parcela["data_baixa"]
            .as_str()
            .is_some_and(|day| day.ends_with("/2026"));
        paid && parcela["situacao"] == "Pago" && parcela["status_parcela"] == "Ativo"
    };
    let parcela = list.iter_mut().find(paid_in_window).expect("one paid");
    let paid = parcela["vlr_pago"].as_f64().unwrap();
    parcela["data_baixa"] = json!(null);
    site.erp().override_parcelas(11001, Value::Array(list));
    site.backfill(0, WINDOW).await?;
    assert_eq!(site.told(0).await?, ["1400 placed noted"]);
    let tables = site.tables().await?;
    let actual = |tables: &Tables| -> f64 {
        let rows = tables["entradas_caixa"].iter();
        rows.filter(|(key, _)| key.starts_with("1400|"))
            .map(|(_, row)| row.split(' ').nth(1).unwrap().parse::<f64>().unwrap())
            .sum()
    };
    let less = actual(&expected()) - actual(&tables);
    assert_eq!((less * 100.0).round(), (paid * 100.0).round());
    // It is paid: nothing more is overdue, and what is due stays as it is.
    assert_eq!(tables["delinquency"], expected()["delinquency"]);
    let status = site.status(0).await?;
    assert_eq!(status["balances"]["actual"], true);
    let unplaced: f64 = status["manifest"]["balances"]["actual"]["unplaced"]
        .as_str()
        .unwrap()
        .parse()?;
    assert_eq!((unplaced * 100.0).round(), (paid * 100.0).round());
    Ok(())
}
