//! Well-formed answers of the ERP that are not true: none becomes a wrong table.
//!
//! Every test runs over both databases. What the tables must be is the golden state, or worked out
//! here from the answers.

use serde_json::{Value, json};
use tests::{Site, Tables, difference, expected, golden};

/// The golden window.
const WINDOW: &str = "--start-date 2026-01-01 --end-date 2026-11-22 --as-of 2026-11-23";

macro_rules! on_both {
    ($($test:ident,)*) => {
        mod postgres {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() -> anyhow::Result<()> {
                    let site = tests::Site::fleet().await?;
                    super::$test(&site).await?;
                    site.remove().await
                }
            )*
        }
        mod sqlite {
            $(
                #[tokio::test(flavor = "multi_thread")]
                async fn $test() -> anyhow::Result<()> {
                    let site = tests::Site::standalone().await?;
                    super::$test(&site).await?;
                    site.remove().await
                }
            )*
        }
    };
}
pub(crate) use on_both;

on_both! {
    a_date_of_signature_that_cannot_be_read_loses_no_contrato,
    a_contrato_that_cannot_be_read_fails_its_empreendimento,
    contratos_of_another_empreendimento_are_not_counted,
    parcelas_that_come_twice_count_once,
    one_cod_parcela_with_other_contents_counts_twice,
    parcelas_of_another_contrato_are_rejected,
    a_paid_parcela_without_a_date_is_in_no_month,
    a_catalogue_that_lost_most_is_not_planned,
    a_catalogue_that_lost_two_is_planned_and_says_so,
    a_contrato_whose_parcelas_vanish_is_found_out,
    contratos_that_grow_are_found_out,
    payables_that_vanish_are_found_out_over_any_window,
}

/// The contratos of an empreendimento, each changed.
fn contratos(id: i64, change: impl Fn(&mut Value)) -> Value {
    let mut contratos = golden(&format!("contratos/{id}"));
    contratos
        .as_array_mut()
        .unwrap()
        .iter_mut()
        .for_each(change);
    contratos
}

fn codes(id: i64) -> Vec<i64> {
    let contratos = golden(&format!("contratos/{id}"));
    let code = |contrato: &Value| contrato["cod_contrato"].as_i64().unwrap();
    contratos.as_array().unwrap().iter().map(code).collect()
}

fn parcelas(contrato: i64) -> Vec<Value> {
    match golden(&format!("parcelas/{contrato}")) {
        Value::Array(parcelas) => parcelas,
        other => panic!("{other}"),
    }
}

async fn assert_tables(site: &Site, expected: &Tables) -> anyhow::Result<()> {
    assert_eq!(difference(expected, &site.tables().await?), [""; 0]);
    Ok(())
}

/// The tables differ, and only in rows of one empreendimento.
async fn assert_only_of(site: &Site, id: i64) -> anyhow::Result<()> {
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
async fn assert_failed(site: &Site, words: &[&str]) -> anyhow::Result<()> {
    let failed = site.exits(3, &["failed"]).await?;
    for word in words {
        assert!(failed.contains(word), "{word} is missing in:\n{failed}");
    }
    assert_tables(site, &expected()).await
}

async fn a_date_of_signature_that_cannot_be_read_loses_no_contrato(
    site: &Site,
) -> anyhow::Result<()> {
    let unreadable = contratos(1406, |contrato| {
        contrato["data_assinatura"] = json!("31/02/2024")
    });
    site.erp().override_contratos(1406, unreadable);
    site.backfill(0, WINDOW).await?;
    assert_tables(site, &expected()).await?;
    assert_eq!(site.told(0).await?, ["1406 readable-contratos noted"]);
    let unknown =
        "SELECT COUNT(*) FROM contratos WHERE empreendimento_id = 1406 AND data_assinatura IS NULL";
    assert_eq!(site.number(unknown).await?, 25);
    let page = site.exits(0, &["status"]).await?;
    assert!(page.contains("1 noted"), "{page}");
    assert!(
        page.contains("readable-contratos, 1406: noted, data_assinatura of 25 contratos"),
        "{page}"
    );
    let explained = site
        .exits(0, &["explain", "--empreendimento-id", "1406"])
        .await?;
    assert!(
        explained.contains("checks    13 passed, 1 noted"),
        "{explained}"
    );
    Ok(())
}

async fn a_contrato_that_cannot_be_read_fails_its_empreendimento(
    site: &Site,
) -> anyhow::Result<()> {
    site.backfill(0, WINDOW).await?;
    for (field, value) in [
        ("valor_contrato", json!("mil")),
        ("status_contrato", json!(null)),
        ("cod_empreendimento", json!(null)),
    ] {
        let mut contratos = golden("contratos/1406");
        contratos[24][field] = value;
        site.erp().override_contratos(1406, contratos);
        site.backfill(3, WINDOW).await?;
        assert_failed(site, &["data: readable-contratos: contrato 11037", field]).await?;
    }
    site.erp().clear_overrides();
    site.requeue(0, &[]).await?;
    assert_tables(site, &expected()).await
}

async fn contratos_of_another_empreendimento_are_not_counted(site: &Site) -> anyhow::Result<()> {
    let with_strangers = |count: usize| {
        let mut list = golden("contratos/1418");
        let strangers = golden("contratos/1406");
        let strangers = strangers.as_array().unwrap().iter().take(count).cloned();
        list.as_array_mut().unwrap().extend(strangers);
        list
    };
    site.backfill(0, WINDOW).await?;
    site.erp().override_contratos(1418, with_strangers(1));
    site.backfill(0, WINDOW).await?;
    assert_eq!(site.told(0).await?, ["1418 belongs noted"]);
    assert_tables(site, &expected()).await?;

    site.erp().override_contratos(1418, with_strangers(8));
    site.backfill(3, WINDOW).await?;
    assert_failed(site, &["data: belongs: 8 of 19 contratos", "1418"]).await?;
    // A person's acceptance is for what is implausible, not for what cannot be right.
    site.requeue(3, &["--accept-change"]).await?;
    assert_tables(site, &expected()).await
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

/// The catalogue without some empreendimentos.
fn catalogue_without(gone: &[i64]) -> Value {
    let mut catalogue = golden("empreendimentos");
    let listed = |row: &Value| !gone.contains(&(row["codigo"].as_f64().unwrap() as i64));
    catalogue.as_array_mut().unwrap().retain(listed);
    catalogue
}

async fn a_catalogue_that_lost_most_is_not_planned(site: &Site) -> anyhow::Result<()> {
    site.backfill(0, WINDOW).await?;
    let gone = [1400, 1403, 1409, 1415, 1421];
    site.erp()
        .override_empreendimentos(catalogue_without(&gone));
    site.backfill(6, WINDOW).await?;
    assert_eq!(
        site.number("SELECT COUNT(*) FROM sync_runs").await?,
        1,
        "nothing is planned"
    );
    assert_tables(site, &expected()).await?;

    site.backfill(0, &format!("{WINDOW} --accept-change"))
        .await?;
    assert_eq!(
        site.told(0).await?,
        ["catalogue plausible-catalogue accepted"]
    );
    let mut inactive = expected();
    for id in gone {
        let row = inactive
            .get_mut("empreendimentos")
            .unwrap()
            .get_mut(&id.to_string())
            .unwrap();
        *row = row.replace("true", "false");
    }
    assert_tables(site, &inactive).await
}

async fn a_catalogue_that_lost_two_is_planned_and_says_so(site: &Site) -> anyhow::Result<()> {
    site.backfill(0, WINDOW).await?;
    site.erp()
        .override_empreendimentos(catalogue_without(&[1400, 1421]));
    site.backfill(0, WINDOW).await?;
    assert_eq!(site.told(0).await?, ["catalogue plausible-catalogue noted"]);
    let page = site.exits(0, &["status"]).await?;
    assert!(
        page.contains(
            "2 of 7 empreendimentos with contratos are no longer listed; such as 1400, 1421"
        ),
        "{page}"
    );
    // They are known to be gone: not missed again.
    site.backfill(0, WINDOW).await?;
    assert_eq!(site.told(0).await?, [""; 0]);
    site.erp().clear_overrides();
    site.backfill(0, WINDOW).await?;
    assert_tables(site, &expected()).await
}

async fn a_contrato_whose_parcelas_vanish_is_found_out(site: &Site) -> anyhow::Result<()> {
    site.backfill(0, WINDOW).await?;
    site.erp().override_parcelas(11013, json!([]));
    site.backfill(3, WINDOW).await?;
    assert_failed(
        site,
        &["implausible: plausible-contrato", "1406", "--accept-change"],
    )
    .await?;
    site.requeue(3, &[]).await?;
    assert_failed(site, &["plausible-contrato"]).await?;

    // An acceptance is for the contrato that failed, not for the next one.
    site.erp().override_parcelas(11015, json!([]));
    site.requeue(3, &["--accept-change"]).await?;
    assert_failed(site, &["plausible-contrato"]).await?;
    site.erp()
        .override_parcelas(11015, Value::Array(parcelas(11015)));
    site.requeue(0, &["--accept-change"]).await?;
    assert_eq!(site.told(0).await?, ["1406 plausible-contrato accepted"]);
    assert_only_of(site, 1406).await?;
    let audit = "SELECT COUNT(*) FROM sync_requeues WHERE accept_shrink";
    assert_eq!(site.number(audit).await?, 2);
    // One that is over may have none: 11025 is Quitado.
    site.erp().clear_overrides();
    site.erp().override_parcelas(11025, json!([]));
    site.backfill(0, WINDOW).await?;
    assert_eq!(site.told(0).await?, ["1406 plausible-contrato noted"]);
    Ok(())
}

async fn contratos_that_grow_are_found_out(site: &Site) -> anyhow::Result<()> {
    site.backfill(0, WINDOW).await?;
    for code in codes(1406) {
        let list = parcelas(code);
        let copies = (0..3).flat_map(|copy| {
            list.iter().map(move |parcela| {
                let mut parcela = parcela.clone();
                let code = parcela["cod_parcela"].as_i64().unwrap();
                parcela["cod_parcela"] = json!(code + copy * 1_000_000_000);
                parcela
            })
        });
        site.erp().override_parcelas(code, copies.collect());
    }
    site.backfill(3, WINDOW).await?;
    assert_failed(
        site,
        &[
            "plausible-growth: over 25 contratos",
            "parcelas grew from 1131 to 3393",
            "forecast grew",
        ],
    )
    .await?;
    site.requeue(
        0,
        &[
            "--accept-change",
            "--cause",
            "implausible/plausible-growth-parcelas",
        ],
    )
    .await?;
    assert_only_of(site, 1406).await
}

async fn payables_that_vanish_are_found_out_over_any_window(site: &Site) -> anyhow::Result<()> {
    site.backfill(
        0,
        "--start-date 2026-01-01 --end-date 2026-06-30 --as-of 2026-11-23",
    )
    .await?;
    let before = site.tables().await?["faturas_pagar"].clone();
    assert!(before.len() > 20, "{}", before.len());
    site.erp().override_faturas(&[]);
    // A window that no run before it had, over days that some had.
    site.backfill(
        3,
        "--start-date 2026-03-15 --end-date 2026-11-22 --as-of 2026-11-23",
    )
    .await?;
    let failed = site.exits(3, &["failed"]).await?;
    assert!(
        failed.contains("implausible: plausible-window: faturas fell"),
        "{failed}"
    );
    assert_eq!(site.tables().await?["faturas_pagar"], before);
    site.requeue(0, &["--accept-change"]).await?;
    let left = &site.tables().await?["faturas_pagar"];
    assert!(left.keys().all(|key| key.contains("|2026-01-")
        || key.contains("|2026-02-")
        || key.contains("|2026-03-0")
        || key.contains("|2026-03-1")));
    Ok(())
}
