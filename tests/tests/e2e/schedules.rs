//! Runs by the clock: several schedulers, one of them killed, an ERP that is away, a plan that is refused.

use std::collections::BTreeSet;

use anyhow::Context as _;
use chrono::{DateTime, FixedOffset, TimeDelta};
use simulator::{Fault, FaultKind, Selector};
use tests::{Fleet, GOLDEN, until};

/// What each run of these schedules does: one small empreendimento.
pub const SMALL: &[&str] = &[
    "--",
    "--start-date",
    "2026-09-01",
    "--end-date",
    "2026-09-30",
    "--empreendimento-ids",
    "1403",
];
/// At no time of this test.
const NEW_YEAR: &str = "0 0 1 1 *";

/// Adds a schedule.
pub async fn add(fleet: &Fleet, name: &str, cron: &str, more: &[&str]) -> anyhow::Result<()> {
    let add = ["schedule", "add", name, "--cron", cron];
    fleet.producer_exits(0, &[&add[..], more].concat()).await?;
    Ok(())
}

async fn run_now(fleet: &Fleet, name: &str) -> anyhow::Result<String> {
    let run = fleet
        .producer_exits(0, &["schedule", "run-now", name])
        .await?;
    Ok(run.trim().to_owned())
}

/// When each time of a schedule was, the newest first.
async fn times(fleet: &Fleet, name: &str) -> anyhow::Result<Vec<DateTime<FixedOffset>>> {
    let history = ["schedule", "history", name, "--json"];
    let history: serde_json::Value =
        serde_json::from_str(&fleet.producer_exits(0, &history).await?)?;
    let times = history.as_array().context("a list")?.iter();
    times
        .map(|time| {
            let at: DateTime<FixedOffset> = time["at"].as_str().context("a time")?.parse()?;
            anyhow::Ok(at)
        })
        .collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn each_second_begins_one_run_while_schedulers_come_and_go() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    let more = [&["--overlap", "allow"][..], SMALL].concat();
    add(&fleet, "often", "* * * * * *", &more).await?;
    let worker = fleet.worker(&[])?;
    let mut killed = fleet.start("producer", &["schedule", "run"])?;
    let living = fleet.start("producer", &["schedule", "run"])?;
    let two =
        "SELECT COUNT(DISTINCT run_id) >= 2 FROM sync_jobs WHERE state IN ('done', 'superseded')";
    fleet.until("two runs have ended", two).await?;
    killed.signal("KILL").await?;
    killed.ended().await?;
    let six =
        "SELECT COUNT(DISTINCT run_id) >= 6 FROM sync_jobs WHERE state IN ('done', 'superseded')";
    fleet.until("six runs have ended", six).await?;

    let pause = ["schedule", "pause", "often", "--why", "a test"];
    fleet.producer_exits(0, &pause).await?;
    until("a time is skipped", async || {
        let history = ["schedule", "history", "often"];
        let history = fleet.producer_exits(0, &history).await?;
        let newest = history.lines().next().unwrap_or_default();
        Ok(newest.contains("paused: the schedule") && newest.ends_with(": a test"))
    })
    .await?;
    fleet.retire(living).await?;

    // No second is lost, none is there twice.
    let mut times = times(&fleet, "often").await?;
    times.reverse();
    for pair in times.windows(2) {
        assert_eq!(pair[1] - pair[0], TimeDelta::seconds(1), "{pair:?}");
    }
    let history = fleet
        .producer_exits(0, &["schedule", "history", "often"])
        .await?;
    let begun = history
        .lines()
        .filter_map(|line| line.split_once("  run "))
        .map(|(_, run)| run);
    let begun: Vec<_> = begun.collect();
    let distinct: BTreeSet<_> = begun.iter().collect();
    assert_eq!(distinct.len(), begun.len(), "{history}");
    let runs: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sync_runs")
        .fetch_one(&fleet.pool)
        .await?;
    assert_eq!(usize::try_from(runs)?, begun.len());

    let status = fleet.producer(&["status", "--run", begun[0]]).await?;
    let status = String::from_utf8(status.stdout)?;
    assert!(status.contains("schedule  often"), "{status}");
    fleet.retire(worker).await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_is_planned_once_the_erp_is_back_and_refused_when_it_never_can_be()
-> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    add(&fleet, "yearly", NEW_YEAR, SMALL).await?;
    let nobody = ["--", "--last-months", "1", "--empreendimento-ids", "99"];
    add(&fleet, "wrong", NEW_YEAR, &nobody).await?;
    let worker = fleet.worker(&[])?;
    let down = FaultKind::Status {
        code: 502,
        retry_after_seconds: None,
    };
    fleet.erp.fault(Fault::always(Selector::any(), down));
    let scheduler = fleet.start("producer", &["schedule", "run"])?;
    let run = run_now(&fleet, "yearly").await?;
    let status = ["status", "--run", &run];
    until("its plan has failed", async || {
        let status = fleet.producer_exits(0, &status).await?;
        Ok(status.contains("not planned yet: "))
    })
    .await?;
    fleet.erp.clear_faults();
    until("it is planned and done", async || {
        let status = fleet.producer_exits(0, &status).await?;
        Ok(status.contains(": complete, 1 of 1 job done"))
    })
    .await?;

    let run = run_now(&fleet, "wrong").await?;
    let status = ["status", "--run", &run];
    until("its plan is refused", async || {
        Ok(fleet.producer(&status).await?.status.code() == Some(6))
    })
    .await?;
    let refused = fleet.producer_exits(6, &status).await?;
    let why = "its plan was refused: the ERP lists no empreendimento 99";
    assert!(refused.contains(why), "{refused}");
    fleet.retire(scheduler).await?;
    fleet.retire(worker).await?;
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_meant_is_refused_with_a_hint() -> anyhow::Result<()> {
    let fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    add(&fleet, "nightly", "0 2 * * *", SMALL).await?;
    let list = fleet.producer_exits(0, &["schedule", "list"]).await?;
    assert!(
        list.starts_with("nightly  0 2 * * *  America/Sao_Paulo: active"),
        "{list}"
    );
    let cases: [(&[&str], &str); 10] = [
        (&["show", "nigthly"], "there are: nightly"),
        (&["pause", "nigthly"], "there are: nightly"),
        (&["remove", "nigthly"], "there are: nightly"),
        (&["run-now", "nigthly"], "there are: nightly"),
        (
            &[
                "add",
                "nightly",
                "--cron",
                NEW_YEAR,
                "--",
                "--last-days",
                "1",
            ],
            "producer schedule remove nightly",
        ),
        (
            &["add", "a", "--cron", "0 2 * *", "--", "--last-days", "1"],
            "each night at two",
        ),
        (
            &["add", "a", "--cron", "0 0 30 2 *", "--", "--last-days", "1"],
            "never comes",
        ),
        (
            &[
                "add",
                "a",
                "--cron",
                NEW_YEAR,
                "--tz",
                "Rio",
                "--",
                "--last-days",
                "1",
            ],
            "America/Sao_Paulo",
        ),
        (
            &[
                "add",
                "a",
                "--cron",
                NEW_YEAR,
                "--",
                "--last-days",
                "1",
                "--wait",
            ],
            "--wait has no place",
        ),
        (
            &["add", "a", "--cron", NEW_YEAR, "--", "--last-day", "1"],
            "producer backfill --help",
        ),
    ];
    for (arguments, hint) in cases {
        let output = fleet
            .producer(&[&["schedule"][..], arguments].concat())
            .await?;
        let told = String::from_utf8(output.stderr)?;
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {told}");
        assert!(told.contains(hint), "{arguments:?}: {told}");
    }
    fleet
        .producer_exits(0, &["schedule", "remove", "nightly"])
        .await?;
    let list = fleet.producer_exits(0, &["schedule", "list"]).await?;
    assert_eq!(list, "there is no schedule\n");
    fleet.remove_database().await
}
