//! A paused fleet: jobs in hand end, no other begins, and everybody is told why.

use std::process::Stdio;

use anyhow::Context as _;
use serde_json::Value;
use simulator::Selector;
use tests::own_server::free_port;
use tests::{Fleet, GOLDEN, LONGEST_WAIT, Standalone, difference, expected, until};
use tokio::io::{AsyncBufReadExt as _, BufReader};

use crate::standalone::BACKFILL;
use crate::{ALL_DONE, GOLDEN_ENQUEUE};

async fn status(fleet: &Fleet) -> anyhow::Result<Value> {
    let status = fleet.producer_exits(0, &["status", "--json"]).await?;
    Ok(serde_json::from_str(&status)?)
}

/// By what docs/KUBERNETES.md scales a fleet.
async fn to_work_on(fleet: &Fleet) -> anyhow::Result<i64> {
    let document = include_str!("../../../docs/KUBERNETES.md");
    let (_, query) = document
        .split_once("query: >-\n")
        .context("there is a query")?;
    let (query, _) = query.split_once("```").context("it ends")?;
    let query = sqlx::AssertSqlSafe(query.to_owned());
    Ok(sqlx::query_scalar(query).fetch_one(&fleet.pool).await?)
}

#[tokio::test(flavor = "multi_thread")]
async fn jobs_in_hand_end_and_the_others_wait_for_the_end_of_the_pause() -> anyhow::Result<()> {
    let mut fleet = Fleet::new(simulator::Config::folder(GOLDEN)).await?;
    // No call that is held ends by itself meanwhile.
    fleet.set("MEGA_API_TIMEOUT", "300");
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    fleet.erp.gate(Selector::any());
    let address = format!("127.0.0.1:{}", free_port().await?);
    let watched = ["--jobs-at-once", "1", "--listen", &address];
    let workers = [
        fleet.worker_as("one", &watched, &[])?,
        fleet.worker_as("two", &watched[..2], &[])?,
    ];
    let in_hand = "SELECT COUNT(DISTINCT worker) = 2 FROM sync_jobs WHERE state = 'running'";
    fleet.until("each has a job in hand", in_hand).await?;
    assert_eq!(to_work_on(&fleet).await?, 9);

    let pause = ["pause", "--why", "maintenance of the ERP"];
    fleet.producer_exits(0, &pause).await?;
    for name in ["one", "two"] {
        let told = "takes no more jobs: the fleet is paused";
        fleet.until_logged(name, told).await?;
    }
    fleet.erp.open_gates();
    let ended = "SELECT COUNT(*) = 2 FROM sync_jobs WHERE state = 'done'";
    fleet.until("those in hand are done", ended).await?;
    // Time enough to begin all the others, by the heartbeats of both.
    let later = "SELECT COUNT(*) = 2 FROM sync_workers
                 WHERE heartbeat_at > (SELECT MAX(finished_at) FROM sync_jobs) + interval '3 s'";
    fleet.until("both live on for a while", later).await?;
    let begun: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sync_attempts")
        .fetch_one(&fleet.pool)
        .await?;
    assert_eq!(begun, 2);
    until("the others are in the queue", async || {
        Ok(fleet.depths().await?.ready == 7)
    })
    .await?;
    told_everywhere(&fleet, &address).await?;
    assert_eq!(to_work_on(&fleet).await?, 0);

    let said = fleet.producer_exits(0, &["unpause"]).await?;
    assert_eq!(said, "the pause is lifted: workers take jobs again\n");
    fleet.until("the run is done", ALL_DONE).await?;
    assert_eq!(difference(&expected(), &fleet.tables().await?), [""; 0]);
    assert_eq!(status(&fleet).await?.get("paused"), None);
    let said = fleet.producer_exits(0, &["unpause"]).await?;
    assert_eq!(said, "the fleet is not paused\n");
    let recorded: Vec<(String, Option<String>)> =
        sqlx::query_as("SELECT what, why FROM sync_actions ORDER BY at")
            .fetch_all(&fleet.pool)
            .await?;
    let pause = (
        "pause".to_owned(),
        Some("maintenance of the ERP".to_owned()),
    );
    assert_eq!(recorded, [pause, ("unpause".to_owned(), None)]);
    for worker in workers {
        fleet.retire(worker).await?;
    }
    fleet.remove().await
}

async fn told_everywhere(fleet: &Fleet, address: &str) -> anyhow::Result<()> {
    let json = status(fleet).await?;
    assert_eq!(json["paused"]["why"], "maintenance of the ERP", "{json}");
    runtime::tls::install_provider();
    let ask = async |path: &str| -> anyhow::Result<(u16, String)> {
        let answer = reqwest::get(format!("http://{address}/{path}")).await?;
        Ok((answer.status().as_u16(), answer.text().await?))
    };
    let (code, text) = ask("readyz").await?;
    assert_eq!(code, 200, "{text}");
    let line = text.lines().find(|line| line.starts_with("paused: by "));
    let line = line.with_context(|| text.clone())?;
    assert!(line.ends_with(": maintenance of the ERP"), "{line}");
    let (_, metrics) = ask("metrics").await?;
    assert!(metrics.contains("\nmega_sync_paused 1\n"), "{metrics}");
    let told = fleet.producer_exits(0, &["doctor"]).await?;
    assert!(told.contains("no new job is taken: paused by "), "{told}");
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn one_process_waits_for_the_end_of_the_pause_and_says_so() -> anyhow::Result<()> {
    let standalone = Standalone::new().await?;
    let pause = ["pause", "--until", "2999-12-31T23:59", "--why", "an update"];
    standalone.exits(0, &pause).await?;
    let mut backfill = standalone
        .command()?
        .args(BACKFILL)
        .stderr(Stdio::piped())
        .spawn()?;
    let told = backfill.stderr.take().context("its stderr")?;
    let mut lines = BufReader::new(told).lines();
    let says_so = async {
        loop {
            let line = lines.next_line().await?.context("it has ended")?;
            if line.contains("the fleet is paused by ") {
                return anyhow::Ok(line);
            }
        }
    };
    let line = tokio::time::timeout(LONGEST_WAIT, says_so).await??;
    assert!(
        line.ends_with("until 2999-12-31 23:59 in São Paulo: an update"),
        "{line}"
    );

    let pool = standalone.pool().await?;
    let later = "SELECT COUNT(*) FROM sync_workers
                 WHERE (julianday(heartbeat_at) - julianday(started_at)) * 86400.0 > 3.0";
    until("it lives on for a while", async || {
        let later: i64 = sqlx::query_scalar(later).fetch_one(&pool).await?;
        Ok(later == 1)
    })
    .await?;
    let begun: i64 = sqlx::query_scalar("SELECT COUNT(*) FROM sync_attempts")
        .fetch_one(&pool)
        .await?;
    assert_eq!(begun, 0);

    // Nobody lifts the pause: its time is over.
    sqlx::query("UPDATE sync_pause SET until = '2020-01-01T00:00:00+00:00'")
        .execute(&pool)
        .await?;
    let ended = tokio::time::timeout(LONGEST_WAIT, backfill.wait()).await??;
    assert_eq!(ended.code(), Some(0));
    assert_eq!(
        difference(&expected(), &standalone.tables().await?),
        [""; 0]
    );
    Ok(())
}
