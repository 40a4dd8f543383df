//! A fleet's tables against the golden ones, every row.

use std::collections::BTreeMap;

use tests::{Fleet, GOLDEN, difference, expected};

use crate::{ALL_DONE, GOLDEN_BACKFILL, GOLDEN_ENQUEUE};

#[tokio::test(flavor = "multi_thread")]
async fn three_workers_make_the_golden_tables() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let _workers = [fleet.worker(&[])?, fleet.worker(&[])?, fleet.worker(&[])?];

    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);

    // Whole rows but for who wrote them when, so that `details` are compared too.
    let first = rows_without_stamps(&fleet).await?;
    fleet.producer_exits(0, &GOLDEN_BACKFILL).await?;
    assert_eq!(
        difference(&first, &rows_without_stamps(&fleet).await?),
        [""; 0]
    );

    let depths = fleet.depths().await?;
    assert_eq!((depths.ready, depths.delayed, depths.dead), (0, 0, 0));
    // One for the producer and all workers, over both runs.
    assert_eq!(fleet.erp.counters().sign_ins_ok, 1);
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn three_runs_at_once_leave_the_golden_tables() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let _workers = [fleet.worker(&[])?, fleet.worker(&[])?, fleet.worker(&[])?];

    let run = || fleet.producer_exits(0, &GOLDEN_BACKFILL);
    let (one, two, three) = tokio::join!(run(), run(), run());
    for ended in [one, two, three] {
        ended?;
    }

    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_enqueued_before_any_worker_waits_for_one() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    assert_eq!(fleet.depths().await?.ready, 9);

    let _worker = fleet.worker(&["--jobs-at-once", "1", "--http-concurrency", "1"])?;
    fleet.until("the run is done", ALL_DONE).await?;

    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    assert_eq!(fleet.erp.counters().peak_in_flight, 1);
    fleet.remove().await
}

/// Every column of every published row, without `run_id` and the columns that say when.
async fn rows_without_stamps(fleet: &Fleet) -> anyhow::Result<tests::Tables> {
    const STAMPS: &str = "'{run_id,synced_at,last_synced_at,last_financial_sync_at}'";
    let tables = [
        "filiais",
        "empreendimentos",
        "contratos",
        "entradas_caixa",
        "estatisticas_portfolio",
        "delinquency",
        "faturas_pagar",
        "saidas_caixa",
    ];
    let mut all = tests::Tables::new();
    for table in tables {
        let query = format!("SELECT (to_jsonb(t) - {STAMPS}::text[])::text FROM {table} t");
        let rows: Vec<String> = sqlx::query_scalar(sqlx::AssertSqlSafe(query))
            .fetch_all(&fleet.pool)
            .await?;
        assert!(!rows.is_empty(), "{table} is empty");
        let rows: BTreeMap<_, _> = rows.into_iter().map(|row| (row, String::new())).collect();
        all.insert(table.to_owned(), rows);
    }
    Ok(all)
}
