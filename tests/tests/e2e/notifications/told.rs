//! What a run with failures, and one that cannot be planned, have a notifier tell, until it is over.

use std::sync::Arc;

use anyhow::Context as _;
use chrono::{TimeDelta, Utc};
use producer::notify::{Notifier, NotifyConfig};
use producer::program::Program;
use runtime::environment::Source;
use serde_json::Value;
use simulator::Config;
use store::Store;
use tests::{Fleet, GOLDEN, garble_a_contrato, until};

use super::hook::{Answer, Hook, KEY};
use crate::{ALL_DONE, GOLDEN_BACKFILL, GOLDEN_ENQUEUE};

/// A notifier of a process of its own.
async fn notifier(fleet: &Fleet, hook: &Hook) -> anyhow::Result<Notifier> {
    let mut source = Source::of(|name| match name {
        "MEGA_SYNC_NOTIFY_WEBHOOK_URL" => Some(hook.url()),
        "MEGA_SYNC_NOTIFY_WEBHOOK_KEY" => Some(KEY.to_owned()),
        _ => None,
    });
    let config = NotifyConfig::read(&mut source);
    let config = source.finish(config)?;
    let url = fleet.variable("DATABASE_URL").context("a fleet has one")?;
    let store: Arc<dyn Store> = store::connect(&url.into()).await?;
    store.migrate().await?;
    Notifier::new(config, Program::Producer, store)?.context("a channel is configured")
}

async fn listed(fleet: &Fleet) -> anyhow::Result<Vec<Value>> {
    let listed = fleet
        .producer_exits(0, &["notify", "list", "--json"])
        .await?;
    Ok(serde_json::from_str(&listed)?)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_run_with_failures_is_told_once_until_it_arrives_and_when_it_is_over()
-> anyhow::Result<()> {
    let hook = Hook::start([Answer::Status(500)]).await?;
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    let (one, other) = tokio::try_join!(notifier(&fleet, &hook), notifier(&fleet, &hook))?;
    one.look(Utc::now()).await?;
    assert!(listed(&fleet).await?.is_empty(), "an empty ledger");
    let stale = fleet.producer_exits(7, &["check-freshness"]).await?;
    assert_eq!(stale, "stale: no run has completed yet\n");

    garble_a_contrato(&fleet.erp);
    let _worker = fleet.worker(&[])?;
    fleet.producer_exits(3, &GOLDEN_BACKFILL).await?;
    // Both at once: one records it, and one sends it, in vain.
    let now = Utc::now();
    tokio::try_join!(one.look(now), other.look(now))?;
    one.look(now).await?;
    assert_eq!(hook.calls().len(), 1);
    let told = listed(&fleet).await?.remove(0);
    let send = &told["sends"][0];
    assert_eq!(told["event"], "run-failed");
    assert_eq!(send["tries"], 1);
    assert!(send["sent_at"].is_null(), "{told}");
    let problem = send["problem"].as_str().unwrap_or_default();
    assert!(problem.starts_with("answered 500"), "{told}");

    let later = now + TimeDelta::minutes(1);
    tokio::try_join!(one.look(later), other.look(later))?;
    one.look(later + TimeDelta::minutes(1)).await?;
    let calls = hook.calls();
    assert_eq!(calls.len(), 2, "it arrived");
    assert_eq!(calls[0].body, calls[1].body, "the same again");
    let body = calls[1].verified()?;
    let run = told["run"].as_str().context("it is about a run")?;
    assert_eq!(body["run"], run);
    assert_eq!(body["counts"][0]["jobs"], 1);
    assert_eq!(body["counts"][0]["class"], "data");
    assert_eq!(body["command"], format!("producer failed --run {run}"));
    let text = body["text"].as_str().unwrap_or_default();
    let again = format!("producer requeue --run {run}");
    assert!(
        text.contains(&again) && text.contains("1 job com falha"),
        "{text}"
    );
    fleet.producer_exits(7, &["check-freshness"]).await?;

    fleet.erp.clear_overrides();
    fleet.producer_exits(0, &["requeue"]).await?;
    fleet.until("the run is done", ALL_DONE).await?;
    for process in [&one, &other, &one] {
        process.look(later + TimeDelta::minutes(2)).await?;
    }
    let calls = hook.calls();
    assert_eq!(calls.len(), 3);
    let body = calls[2].verified()?;
    assert_eq!(body["event"], "recovered");
    assert_eq!(body["about"], "run-failed");
    let fresh = fleet.producer_exits(0, &["check-freshness"]).await?;
    assert!(
        fresh.starts_with(&format!("fresh: run {run} completed at ")),
        "{fresh}"
    );
    let (max, json) = (["check-freshness", "--max-age", "1m"], ["--json"]);
    let fresh = fleet.producer_exits(0, &[&max[..], &json].concat()).await?;
    assert_eq!(serde_json::from_str::<Value>(&fresh)?["fresh"], true);
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_plan_is_told_with_the_schedule_to_run_again() -> anyhow::Result<()> {
    let hook = Hook::start([]).await?;
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    let notifier = notifier(&fleet, &hook).await?;
    let add = [
        "schedule",
        "add",
        "wrong",
        "--cron",
        "0 0 29 2 *",
        "--",
        "--last-months",
        "1",
        "--empreendimento-ids",
        "99",
    ];
    fleet.producer_exits(0, &add).await?;
    let run_now = ["schedule", "run-now", "wrong"];
    let begin = async || {
        let run = fleet.producer_exits(0, &run_now).await?;
        anyhow::Ok(run.trim().to_owned())
    };

    // One that a person cancels is no event.
    let cancelled = begin().await?;
    let cancel = ["cancel", "--run", &cancelled, "--why", "not today"];
    fleet.producer_exits(0, &cancel).await?;
    notifier.look(Utc::now()).await?;
    assert!(listed(&fleet).await?.is_empty());

    let scheduler = fleet.start("producer", &["schedule", "run"])?;
    let run = begin().await?;
    until("its plan is refused", async || {
        let status = fleet.producer(&["status", "--run", &run]).await?;
        Ok(status.status.code() == Some(6))
    })
    .await?;
    fleet.retire(scheduler).await?;
    notifier.look(Utc::now()).await?;
    let calls = hook.calls();
    assert_eq!(calls.len(), 1);
    let body = calls[0].verified()?;
    assert_eq!(body["event"], "plan-refused");
    assert_eq!(body["run"], run.as_str());
    assert_eq!(body["command"], "producer schedule run-now wrong");
    let text = body["text"].as_str().unwrap_or_default();
    let why = "the ERP lists no empreendimento 99";
    assert!(text.contains(why), "{text}");

    // A run of a person makes up for it, once it is planned.
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    notifier.look(Utc::now()).await?;
    let calls = hook.calls();
    assert_eq!(calls.len(), 2);
    let body = calls[1].verified()?;
    assert_eq!(body["event"], "recovered");
    assert_eq!(body["about"], "plan-refused");
    fleet.remove().await
}
