//! What the doctor finds in a fleet, and that looking changes nothing.

use serde_json::Value;
use simulator::{Config, Route};
use tests::{Fleet, GOLDEN};

use crate::{ALL_DONE, GOLDEN_ENQUEUE};

/// The report, which must end in `code` and say so.
async fn report(fleet: &Fleet, code: i32, flags: &[&str]) -> anyhow::Result<Value> {
    let arguments = [&["doctor", "--json"], flags].concat();
    let report: Value = serde_json::from_str(&fleet.producer_exits(code, &arguments).await?)?;
    assert_eq!(report["exit_code"], code);
    Ok(report)
}

/// `outcome: what was found` of a check; empty when there is none of that name.
fn found(report: &Value, name: &str) -> String {
    let checks = report["checks"].as_array().expect("checks");
    let check = checks.iter().find(|check| check["name"] == name);
    check.map_or_else(String::new, |check| {
        let text = |key: &str| check[key].as_str().expect("a text").to_owned();
        format!("{}: {}", text("outcome"), text("found"))
    })
}

fn assert_found(report: &Value, expected: &[(&str, &str)]) {
    for (name, beginning) in expected {
        let found = found(report, name);
        assert!(found.starts_with(beginning), "{name} is {found:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_fleet_and_one_at_work() -> anyhow::Result<()> {
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    let new = report(&fleet, 0, &[]).await?;
    assert_found(
        &new,
        &[
            ("settings", "ok: "),
            ("database", "ok: PostgreSQL 1"),
            (
                "schema",
                "warning: migration 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21 not applied yet",
            ),
            ("database TLS", "ok: not needed on this machine"),
            ("write", "skipped: "),
            ("broker TLS", "ok: not needed on this machine"),
            ("broker", "ok: RabbitMQ "),
            ("queues", "warning: not there: "),
            ("dead-lettering", "ok: "),
            ("workers", "skipped: "),
            ("ERP", "ok: "),
            ("sign-in", "skipped: "),
        ],
    );
    let again = report(&fleet, 0, &[]).await?;
    assert_found(&again, &[("schema", "warning: "), ("queues", "warning: ")]);
    assert_eq!(fleet.erp.counters().calls_of(Route::SignIn), 0);

    let mut worker = fleet.worker(&[])?;
    fleet.producer_exits(0, GOLDEN_ENQUEUE).await?;
    fleet.until("all jobs are done", ALL_DONE).await?;
    let at_work = report(&fleet, 0, &[]).await?;
    assert_found(
        &at_work,
        &[
            ("schema", "ok: "),
            ("clock", "ok: "),
            ("write", "ok: "),
            ("storage", "ok: "),
            ("queues", "ok: all 9 there"),
            ("dead-lettering", "ok: "),
            ("consumer timeout", "skipped: "),
            ("queue depth", "ok: 0 ready"),
            ("dead queue", "ok: empty"),
            ("workers", "ok: 1 alive"),
            ("sign-in", "ok: the fleet's session is accepted"),
        ],
    );
    worker.signal("TERM").await?;
    worker.ended().await?;
    let at_rest = report(&fleet, 0, &["--sign-in"]).await?;
    assert_found(&at_rest, &[("workers", "warning: none alive")]);
    let sign_ins = fleet.erp.counters().calls_of(Route::SignIn);
    assert_eq!(
        sign_ins, 1,
        "a session that lives is used, whatever is asked for"
    );
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn a_sign_in_is_spent_only_when_asked_for() -> anyhow::Result<()> {
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    fleet.producer_exits(0, &["migrate"]).await?;
    let sign_ins = || fleet.erp.counters().calls_of(Route::SignIn);
    let told = report(&fleet, 0, &[]).await?;
    assert_found(&told, &[("sign-in", "skipped: no session is alive")]);
    assert_eq!(sign_ins(), 0);

    fleet.erp.refuse_sign_ins(true);
    let told = report(&fleet, 4, &["--sign-in"]).await?;
    assert_found(&told, &[("sign-in", "problem: the ERP refused")]);
    let told = report(&fleet, 4, &["--sign-in"]).await?;
    assert_found(&told, &[("sign-in", "problem: the ERP refused it at")]);
    assert_eq!(sign_ins(), 1, "after a refusal nobody tries");

    fleet.erp.refuse_sign_ins(false);
    fleet.producer_exits(0, &["signin", "--retry"]).await?;
    let told = report(&fleet, 0, &["--sign-in"]).await?;
    assert_found(&told, &[("sign-in", "ok: a session is alive")]);
    assert_eq!(sign_ins(), 2);
    fleet.remove().await
}

#[tokio::test(flavor = "multi_thread")]
async fn all_that_is_wrong_is_told_at_once_and_no_secret() -> anyhow::Result<()> {
    let mut fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    let amqp = fleet.set("AMQP_URL", "amqp://someone:hunter2@127.0.0.1:1/%2f");
    let erp = fleet.set("MEGA_API_URL", "http://127.0.0.1:1");
    fleet.set("MEGA_API_PASSWORD", "hunter2");
    let told = report(&fleet, 5, &[]).await?;
    assert_found(
        &told,
        &[
            ("database", "ok: "),
            ("broker", "problem: the broker is away"),
            ("ERP", "problem: "),
        ],
    );
    assert!(!told.to_string().contains("hunter2"), "{told}");

    let database = fleet.set("DATABASE_URL", "sqlite://some.file");
    fleet.set("AMQP_URL", "http://someone:hunter2@127.0.0.1");
    let told = report(&fleet, 2, &[]).await?;
    let settings = found(&told, "settings");
    assert!(
        settings.contains("DATABASE_URL") && settings.contains("AMQP_URL"),
        "{settings}"
    );
    assert_found(
        &told,
        &[
            ("database", "skipped: "),
            ("broker", "skipped: "),
            ("ERP", "problem: "),
        ],
    );
    assert!(!told.to_string().contains("hunter2"), "{told}");

    for (name, value) in [
        ("DATABASE_URL", database),
        ("AMQP_URL", amqp),
        ("MEGA_API_URL", erp),
    ] {
        fleet.set(name, value);
    }
    fleet.remove().await
}
