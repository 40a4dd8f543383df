//! How often a whole fleet signs in.

use std::time::{Duration, Instant};

use simulator::{Config, Latency};
use tests::{Fleet, GOLDEN, difference, expected};

use crate::{ALL_DONE, GOLDEN_ENQUEUE};

/// How long the ERP's tokens live in the storm.
const TOKEN_LIFETIME: Duration = Duration::from_secs(2);
/// Nobody renews a token before nine tenths of its life are over.
const SHORTEST_USE: Duration = Duration::from_millis(1800);

fn eight_workers(fleet: &Fleet) -> anyhow::Result<Vec<tests::Process>> {
    // Sixteen for each of the eight.
    let arguments = ["--http-concurrency", "128"];
    (0..8)
        .map(|index| fleet.worker_as(&format!("worker-{index}"), &arguments, &[]))
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_token_s_life_costs_one_renewal_whatever_the_fleet() -> anyhow::Result<()> {
    let fleet = Fleet::new(Config {
        token_lifetime: TOKEN_LIFETIME,
        latency: Latency {
            base_seconds: 0.8,
            ..Latency::NONE
        },
        ..Config::folder(GOLDEN)
    })
    .await?;
    let began = Instant::now();
    let workers = eight_workers(&fleet)?;
    let waiting: Vec<&str> = GOLDEN_ENQUEUE.iter().copied().chain(["--wait"]).collect();
    for _ in 0..5 {
        fleet.producer_exits(0, &waiting).await?;
        assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    }
    // One token at a time, each used for nine tenths of its life at least, plus the first.
    let bound = began.elapsed().as_millis() / SHORTEST_USE.as_millis() + 1;
    let counters = fleet.erp.counters();
    let tokens = counters.sign_ins_ok + counters.refreshes_ok;
    eprintln!("{tokens} tokens of at most {bound}: {counters:?}");
    assert!(
        u128::from(tokens) <= bound,
        "{tokens} tokens, {bound} lives"
    );
    assert!(tokens >= 4, "only {tokens} tokens: nothing expired");
    assert_eq!(
        (counters.sign_ins_refused, counters.refreshes_refused),
        (0, 0)
    );
    for worker in workers {
        fleet.retire(worker).await?;
    }
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_password_costs_the_fleet_one_sign_in() -> anyhow::Result<()> {
    let mut fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    // The password was changed, which ends the session that the producer has shared.
    fleet.erp.void_all_tokens();
    fleet.erp.reset_counters();
    let right = fleet.set("MEGA_API_PASSWORD", "wrong-41b7");
    let workers = eight_workers(&fleet)?;
    // What a worker had in hand is set aside, and it takes no more; what waits does not try either.
    let refused = "SELECT refused_at IS NOT NULL FROM sync_session";
    fleet.until("the sign-in is refused", refused).await?;
    for index in 0..workers.len() {
        let name = format!("worker-{index}");
        fleet
            .until_logged(&name, "takes no more jobs: the ERP refused the sign-in")
            .await?;
    }
    let in_hand = "SELECT COUNT(*) = 0 FROM sync_jobs WHERE state = 'running'";
    fleet.until("nothing is in hand", in_hand).await?;
    let counters = fleet.erp.counters();
    assert_eq!((counters.sign_ins_refused, counters.sign_ins_ok), (1, 0));
    assert!(!fleet.erp.account_locked());
    let spent: i64 = sqlx::query_scalar("SELECT SUM(errors + crashes)::int8 FROM sync_jobs")
        .fetch_one(&fleet.pool)
        .await?;
    assert_eq!(spent, 0);
    for worker in workers {
        fleet.retire(worker).await?;
    }

    fleet.set("MEGA_API_PASSWORD", right);
    fleet.producer_exits(0, &["signin", "--retry"]).await?;
    let worker = fleet.worker_as("worker", &[], &[])?;
    fleet.until("the run is done", ALL_DONE).await?;
    fleet.retire(worker).await?;
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    assert_eq!(fleet.erp.counters().sign_ins_refused, 1);
    fleet.remove().await
}
