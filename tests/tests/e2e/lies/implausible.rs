//! Answers that differ from the last run by more than is plausible.

use serde_json::{Value, json};
use tests::Site;

use super::support::{WINDOW, assert_failed, assert_only_of, codes, parcelas};
use crate::on_both::on_both;

on_both! {
    a_contrato_whose_parcelas_vanish_is_found_out,
    contratos_that_grow_are_found_out,
    payables_that_vanish_are_found_out_over_any_window,
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
