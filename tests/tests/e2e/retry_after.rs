//! Waits that the ERP asks for, in hand, in the queue and beyond its longest delay.

use simulator::{Fault, FaultKind, Route, Selector};
use tests::{Fleet, GOLDEN, difference, expected};

use crate::{ALL_DONE, GOLDEN_ENQUEUE};

fn throttled(seconds: u64) -> FaultKind {
    FaultKind::Status {
        code: 429,
        retry_after_seconds: Some(seconds),
    }
}

/// A fleet with the golden run enqueued, whose calls are tried once: what the ERP asks for is the
/// job's to wait out at once.
async fn enqueued() -> anyhow::Result<Fleet> {
    let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.set("MEGA_API_TRIES", "1");
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    Ok(fleet)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_longer_than_the_longest_retry_queue_is_waited_out() -> anyhow::Result<()> {
    let fleet = enqueued().await?;
    // The longest queue delays by 0.4 s.
    let one = Selector::route(Route::DadosParcelas).contrato(11042);
    fleet.erp.fault(Fault::next(1, one, throttled(3)));
    let worker = fleet.worker(&[])?;
    fleet.until("the run is done", ALL_DONE).await?;
    let (waited, errors, deferrals): (f64, i64, i64) = sqlx::query_as(
        "SELECT EXTRACT(EPOCH FROM second.started_at - first.finished_at)::float8,
                errors, deferrals
         FROM sync_jobs JOIN sync_attempts second USING (target, generation)
              JOIN sync_attempts first USING (target)
         WHERE target = '1415' AND first.outcome = 'retry'",
    )
    .fetch_one(&fleet.pool)
    .await?;
    assert!(waited >= 2.9, "tried again after {waited} s");
    // Looking too early costs nothing.
    assert_eq!((errors, deferrals), (1, 0));
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    fleet.until_drained().await?;
    fleet.retire(worker).await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wait_without_an_end_is_a_day_and_holds_up_nobody() -> anyhow::Result<()> {
    let fleet = enqueued().await?;
    let one = Selector::route(Route::DadosParcelas).contrato(11042);
    let endless = throttled(99_999_999_999_999);
    fleet.erp.fault(Fault::always(one, endless));
    let worker = fleet.worker(&[])?;
    let others = "SELECT COUNT(*) = 8 FROM sync_jobs WHERE state = 'done'";
    fleet.until("the others are done", others).await?;
    let a_day = "SELECT state = 'retrying' AND class = 'throttled' AND errors = 1
                    AND next_attempt_at BETWEEN now() + interval '23 hours'
                                            AND now() + interval '24 hours'
                 FROM sync_jobs WHERE target = '1415'";
    fleet.until("the last waits for a day", a_day).await?;

    // A day later.
    fleet.erp.clear_faults();
    sqlx::query("UPDATE sync_jobs SET next_attempt_at = now() WHERE target = '1415'")
        .execute(&fleet.pool)
        .await?;
    fleet.until("the run is done", ALL_DONE).await?;
    let attempts: i64 =
        sqlx::query_scalar("SELECT COUNT(*) FROM sync_attempts WHERE target = '1415'")
            .fetch_one(&fleet.pool)
            .await?;
    assert_eq!(attempts, 2);
    fleet.until_drained().await?;
    fleet.retire(worker).await?;
    fleet.remove().await
}
