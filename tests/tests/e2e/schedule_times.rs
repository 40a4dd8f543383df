//! Workers are killed and replaced while a schedule begins run after run: no time is lost, none doubled.

use anyhow::Context as _;
use fastrand::Rng;
use simulator::{Route, Selector};
use tests::{
    Fleet, GOLDEN, Process, Tables, difference, expected, until, wait::found, wrong_times,
};

use crate::schedules::{SMALL, add};

/// What the kills are drawn from.
const SEED: u64 = 1403;
/// Runs of which each has a worker killed beside it, or under it.
const KILLS: u32 = 6;
/// Rows that the golden data has of what [`SMALL`] does: four categories, two snapshots, seven contratos
/// and the empreendimento.
const ROWS: usize = 14;

/// The newest run that is planned, once that is another one.
async fn next_run(fleet: &Fleet, last: &str) -> anyhow::Result<String> {
    let newest = "SELECT run_id FROM sync_jobs JOIN sync_runs r ON r.id = run_id
                  ORDER BY r.created_at DESC LIMIT 1";
    found("another run", async || {
        let run: Option<String> = sqlx::query_scalar(newest)
            .fetch_optional(&fleet.pool)
            .await?;
        Ok(run.filter(|run| run != last))
    })
    .await
}

/// The worker that has the job of a run in hand; none where it has ended already.
async fn holder(fleet: &Fleet, run: &str, workers: &[Process]) -> anyhow::Result<Option<usize>> {
    found("the job in hand", async || {
        let (state, worker): (String, Option<String>) =
            sqlx::query_as("SELECT state, worker FROM sync_jobs WHERE run_id = $1")
                .bind(run)
                .fetch_one(&fleet.pool)
                .await?;
        let has_it = |worker: &str, process: &Process| {
            let id = process.id().map(|id| format!("-{id}-"));
            id.is_some_and(|id| worker.contains(&id))
        };
        Ok(match (state.as_str(), worker) {
            ("running", Some(worker)) => {
                let holder = workers.iter().position(|one| has_it(&worker, one));
                Some(Some(holder.context("a worker that is not there")?))
            }
            ("done" | "superseded", _) => Some(None),
            _ => None,
        })
    })
    .await
}

/// What there is of the empreendimento and the month of [`SMALL`].
fn small(tables: Tables) -> Tables {
    let is_small = |key: &str, values: &str| {
        key == "1403" || key.starts_with("1403|2026-09") || values.starts_with("1403 ")
    };
    let of_table = |(table, rows): (String, std::collections::BTreeMap<String, String>)| {
        let rows = rows.into_iter();
        let rows = rows.filter(|(key, values)| is_small(key, values));
        (table, rows.collect())
    };
    tables.into_iter().map(of_table).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn no_time_is_lost_or_doubled_while_workers_are_killed() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    add(&fleet, "often", "*/2 * * * * *", SMALL).await?;
    let mut workers = Vec::new();
    for _ in 0..3 {
        workers.push(fleet.worker(&[])?);
    }
    // Keeps each job in hand until a worker was killed.
    let contratos = || Selector::route(Route::DadosContrato);
    fleet.erp.gate(contratos());
    let scheduler = fleet.start("producer", &["schedule", "run"])?;
    let mut rng = Rng::with_seed(SEED);
    let mut run = String::new();
    for kill in 0..KILLS {
        run = next_run(&fleet, &run).await?;
        let any = rng.usize(..workers.len());
        let killed = match kill == 0 || rng.bool() {
            true => holder(&fleet, &run, &workers).await?.unwrap_or(any),
            false => any,
        };
        workers[killed].signal("KILL").await?;
        workers[killed].ended().await?;
        workers[killed] = fleet.worker(&[])?;
        fleet.erp.open_gates();
        until("the run is complete", async || {
            let complete =
                "SELECT state IN ('done', 'superseded') FROM sync_jobs WHERE run_id = $1";
            let complete = sqlx::query_scalar(complete).bind(&run);
            Ok(complete.fetch_one(&fleet.pool).await?)
        })
        .await?;
        fleet.erp.gate(contratos());
    }
    fleet.erp.open_gates();

    let pause = ["schedule", "pause", "often", "--why", "enough"];
    fleet.producer_exits(0, &pause).await?;
    let skipped = "SELECT EXISTS (SELECT FROM sync_schedule_times
                   WHERE outcome = 'skipped' AND why LIKE 'paused: the schedule%')";
    fleet.until("no more runs begin", skipped).await?;
    let complete = "SELECT bool_and(state IN ('done', 'superseded'))
                    AND NOT EXISTS (SELECT FROM sync_runs WHERE planning = 'open') FROM sync_jobs";
    fleet.until("every run is complete", complete).await?;
    fleet.retire(scheduler).await?;
    fleet.until_drained().await?;
    for worker in workers {
        fleet.retire(worker).await?;
    }

    assert_eq!(wrong_times(&fleet.pool, "often", 2).await?, [""; 0]);
    let crashed = "SELECT COUNT(*) FROM sync_attempts WHERE outcome = 'crashed'";
    let crashed: i64 = sqlx::query_scalar(crashed).fetch_one(&fleet.pool).await?;
    assert!(crashed > 0, "no worker was killed with a job in hand");
    let golden = small(expected());
    assert_eq!(golden.values().map(|rows| rows.len()).sum::<usize>(), ROWS);
    assert_eq!(difference(&golden, &small(fleet.tables().await?)), [""; 0]);
    fleet.remove().await
}
