//! Runs of production's size and beyond, which take minutes each: `scripts/test --full`.

mod commands;
mod exports;
mod history;
mod pages;
mod pruning;
mod tabs;
mod views;

use std::time::Duration;

use simulator::{Config, Seeded};
use tests::{Fleet, GOLDEN_ENQUEUE, wait};

/// Longest that a run may take.
const LONGEST_RUN: Duration = Duration::from_secs(1_800);

/// A fleet of three workers that does a run over data of this size to its end.
async fn done_by_three(data: Seeded) -> anyhow::Result<Fleet> {
    let mut fleet = Fleet::new(Config::seeded(data)).await?;
    // A busy machine is no fault of the ERP's.
    fleet.set("MEGA_API_TIMEOUT", "60");
    fleet.set("MEGA_API_TRIES", "4");
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let mut workers = Vec::new();
    for name in ["first", "second", "third"] {
        workers.push(fleet.worker_as(name, &[], &[])?);
    }
    wait::until_within(LONGEST_RUN, "the run has ended", async || {
        let ended = "SELECT bool_and(state IN ('done', 'superseded', 'failed', 'cancelled')) FROM sync_jobs";
        Ok(sqlx::query_scalar(ended).fetch_one(&fleet.pool).await?)
    })
    .await?;
    fleet.until_drained().await?;
    for worker in workers {
        fleet.retire(worker).await?;
    }
    fleet.producer_exits(0, &["status"]).await?;
    Ok(fleet)
}

async fn number(fleet: &Fleet, query: &'static str) -> anyhow::Result<i64> {
    Ok(sqlx::query_scalar(query).fetch_one(&fleet.pool).await?)
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/test --full"]
async fn a_large_portfolio_is_read_and_written_to_the_last_contrato() -> anyhow::Result<()> {
    let data = Seeded {
        empreendimentos: 60,
        contratos: 4_000,
        parcelas_per_contrato: 100,
        faturas: 30_000,
        today: "2026-11-23".parse()?,
        ..Seeded::default()
    };
    let fleet = done_by_three(data).await?;
    let contratos = number(&fleet, "SELECT COUNT(*) FROM contratos").await?;
    assert_eq!(contratos, 4_000);
    let parcelas = "SELECT SUM((manifest->>'records_read')::bigint)::bigint FROM sync_jobs
                    WHERE target <> 'saidas-caixa'";
    assert_eq!(number(&fleet, parcelas).await?, 400_000);
    assert!(number(&fleet, "SELECT COUNT(*) FROM faturas_pagar").await? > 0);
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/test --full"]
async fn of_ten_thousand_jobs_each_takes_one_attempt() -> anyhow::Result<()> {
    let data = Seeded {
        empreendimentos: 10_000,
        contratos: 0,
        faturas: 0,
        today: "2026-11-23".parse()?,
        ..Seeded::default()
    };
    let fleet = done_by_three(data).await?;
    let done = "SELECT COUNT(*) FROM sync_jobs WHERE state = 'done'";
    assert_eq!(number(&fleet, done).await?, 10_001);
    let attempts = number(&fleet, "SELECT COUNT(*) FROM sync_attempts").await?;
    assert_eq!(attempts, 10_001, "a job was tried again");
    let commits = "SELECT COUNT(*) FROM sync_attempts WHERE outcome = 'done'";
    assert_eq!(number(&fleet, commits).await?, 10_001);
    fleet.remove().await
}
