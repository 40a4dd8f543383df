//! An ERP that suddenly lists next to nothing does not empty the tables.

use serde_json::json;
use tests::{Fleet, GOLDEN, difference, expected};

use crate::{ALL_DONE, GOLDEN_BACKFILL};

#[tokio::test(flavor = "multi_thread")]
async fn an_empty_answer_changes_nothing_until_a_person_accepts_it() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let _worker = fleet.worker(&[])?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;

    // 25 contratos, and the payables, are gone; 1400 had five contratos, too few to be guarded by
    // their number, but not by their amounts.
    fleet.erp.override_contratos(1406, json!([]));
    fleet.erp.override_contratos(1400, json!([]));
    fleet.erp.override_faturas(&[]);
    fleet.producer_exits(3, &GOLDEN_BACKFILL).await?;
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    let failed = fleet.producer_exits(3, &["failed"]).await?;
    for word in [
        "1406",
        "1400",
        "saidas-caixa",
        "plausible-target",
        "plausible-window",
        "--accept-change",
    ] {
        assert!(failed.contains(word), "{word} is missing in:\n{failed}");
    }

    // The same again is refused again.
    fleet.producer_exits(0, &["requeue"]).await?;
    let refused =
        "SELECT COUNT(*) = 3 FROM sync_jobs WHERE state = 'failed' AND class = 'implausible'";
    fleet.until("all three are refused again", refused).await?;
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);

    fleet
        .producer_exits(0, &["requeue", "--accept-change"])
        .await?;
    fleet.until("the run is done", ALL_DONE).await?;
    let mut shrunk = expected();
    for id in ["1400", "1406"] {
        for rows in shrunk.values_mut() {
            rows.retain(|key, row| {
                !key.starts_with(&format!("{id}|")) && !row.starts_with(&format!("{id} "))
            });
        }
        shrunk
            .get_mut("empreendimentos")
            .unwrap()
            .insert(id.to_owned(), "false 0".to_owned());
    }
    shrunk.get_mut("saidas_caixa").unwrap().clear();
    assert_eq!(difference(&shrunk, &fleet.tables().await?), [""; 0]);
    fleet.remove().await
}
