//! Contratos that cannot be read, or belong to another empreendimento.

use serde_json::json;
use tests::{Site, expected, golden};

use super::support::{WINDOW, assert_failed, assert_tables, contratos};
use crate::on_both::on_both;

on_both! {
    a_date_of_signature_that_cannot_be_read_loses_no_contrato,
    a_contrato_that_cannot_be_read_fails_its_empreendimento,
    contratos_of_another_empreendimento_are_not_counted,
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
        explained.contains("checks    14 passed, 1 noted"),
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
