//! A catalogue that lacks empreendimentos.

use serde_json::Value;
use tests::{Site, expected, golden};

use super::support::{WINDOW, assert_tables};
use crate::on_both::on_both;

on_both! {
    a_catalogue_that_lost_most_is_not_planned,
    a_catalogue_that_lost_two_is_planned_and_says_so,
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
