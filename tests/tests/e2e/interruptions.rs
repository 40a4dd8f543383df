//! Workers that die or are asked to stop in the middle of a job.

use simulator::{Route, Selector};
use tests::{Fleet, GOLDEN, difference, expected};

use crate::{ALL_DONE, GOLDEN_ENQUEUE};

#[tokio::test(flavor = "multi_thread")]
async fn a_killed_worker_s_jobs_are_finished_by_another() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    // Holds every empreendimento with contratos in the middle of its fetch.
    fleet.erp.gate(Selector::route(Route::DadosParcelas));
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let mut crashed = fleet.worker(&[])?;
    fleet.erp.wait_for_calls(Route::DadosParcelas, 1).await;
    crashed.signal("KILL").await?;
    assert_eq!(crashed.ended().await?, None);

    fleet.erp.open_gates();
    let _replacement = fleet.worker(&[])?;
    fleet.until("the run is done", ALL_DONE).await?;
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    let (errors, crashes): (i64, i64) =
        sqlx::query_as("SELECT SUM(errors)::int8, SUM(crashes)::int8 FROM sync_jobs")
            .fetch_one(&fleet.pool)
            .await?;
    assert_eq!(errors, 0);
    assert!(crashes >= 1, "the ledger does not say that a worker died");
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_asked_to_stop_finishes_what_it_has() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet
        .erp
        .gate(Selector::route(Route::DadosParcelas).contrato(11001));
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let mut worker = fleet.worker(&["--jobs-at-once", "9"])?;
    fleet.erp.wait_for_calls(Route::DadosParcelas, 1).await;
    let others = "SELECT COUNT(*) = 8 FROM sync_jobs WHERE state = 'done'";
    fleet.until("all but the one held are done", others).await?;
    worker.signal("TERM").await?;
    fleet.erp.open_gates();
    assert_eq!(worker.ended().await?, Some(0));

    // Nobody else was there to do it.
    let done: bool = sqlx::query_scalar(ALL_DONE).fetch_one(&fleet.pool).await?;
    assert!(done);
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_finish_in_time_is_given_back_unharmed() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet
        .erp
        .gate(Selector::route(Route::DadosParcelas).contrato(11001));
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let mut worker = fleet.worker(&["--jobs-at-once", "9", "--drain-timeout", "1"])?;
    let held = "SELECT COUNT(*) = 8 FROM sync_jobs WHERE state = 'done'";
    fleet.until("all but the one held are done", held).await?;
    worker.signal("TERM").await?;
    assert_eq!(worker.ended().await?, Some(0));

    let (state, errors, crashes, deferrals): (String, i64, i64, i64) = sqlx::query_as(
        "SELECT state, errors, crashes, deferrals FROM sync_jobs WHERE target = '1400'",
    )
    .fetch_one(&fleet.pool)
    .await?;
    assert_eq!(
        (state.as_str(), errors, crashes, deferrals),
        ("queued", 0, 0, 0)
    );
    assert_eq!(fleet.depths().await?.ready, 1);

    fleet.erp.open_gates();
    let _replacement = fleet.worker(&[])?;
    fleet.until("the run is done", ALL_DONE).await?;
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    fleet.remove().await
}
