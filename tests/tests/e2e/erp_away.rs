//! An ERP that fails most calls: work waits for it, and nobody is blamed.

use simulator::{Fault, FaultKind, Route, Selector};
use tests::{Fleet, GOLDEN, difference, expected};

use crate::{ALL_DONE, GOLDEN_ENQUEUE};

#[tokio::test(flavor = "multi_thread")]
async fn an_erp_that_is_away_costs_no_attempt() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    let down = FaultKind::Status {
        code: 502,
        retry_after_seconds: None,
    };
    fleet.erp.fault(Fault::always(Selector::any(), down));
    let _worker = fleet.worker(&[])?;

    let deferred = "SELECT COUNT(*) > 0 FROM sync_jobs WHERE state = 'deferred'";
    fleet.until("a job is deferred", deferred).await?;
    let status = fleet.producer_exits(0, &["status"]).await?;
    assert!(
        status.contains("erp-away") || status.contains("deferred"),
        "{status}"
    );
    // From here on only probes ask the ERP: what is asked of it stays as it is until one more probe.
    let before = fleet.erp.counters();
    let probes = before.calls_of(Route::Empreendimentos);
    let after = fleet
        .erp
        .wait_for_calls(Route::Empreendimentos, probes + 1)
        .await;
    let listed = |counters: &simulator::Counters| counters.calls_of(Route::DadosContrato);
    // Jobs in hand when the circuit opened, at most, end the try they were in.
    assert!(
        listed(&after) - listed(&before) <= 4,
        "{before:?} {after:?}"
    );

    fleet.erp.clear_faults();
    fleet.until("the run is done", ALL_DONE).await?;
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    let spent: i64 = sqlx::query_scalar("SELECT SUM(errors)::int8 FROM sync_jobs")
        .fetch_one(&fleet.pool)
        .await?;
    assert_eq!(spent, 0);
    fleet.remove().await
}
