//! The commands that read, over a ledger of 400 nights: how soon each has answered and ended.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use simulator::Config;
use tests::{Fleet, GOLDEN};

use crate::history::{close_months, make_changes};
use crate::number;
use crate::pages::nights;

/// How many nights the ledger holds.
const NIGHTS: u32 = 400;
/// The longest that a command may take from its start to its end, half of the times it is run.
const LONGEST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 400 } else { 200 });
/// How often each command is run.
const RUN: usize = 5;

/// Every night is one of the schedule `nightly`, and somebody was told of it.
const NIGHTLY: &str = "
UPDATE sync_runs SET schedule = 'nightly';
UPDATE sync_schedules SET created_at = created_at - interval '401 days';
INSERT INTO sync_schedule_times (schedule, at, outcome, run_id, decided_at)
SELECT schedule, created_at, 'run', id, created_at FROM sync_runs;
INSERT INTO sync_notifications (event, about, day, run_id, facts, created_at)
SELECT 'run-failed', '', created_at::date, id, '{}', created_at FROM sync_runs ORDER BY sync_runs.created_at;
INSERT INTO sync_notification_sends (notification_id, channel, sent_at, tries)
SELECT id, 'email', created_at, 1 FROM sync_notifications";

/// A ledger of 400 nights with the history of its figures, twelve months closed, a schedule and what was told.
async fn ledger() -> anyhow::Result<Fleet> {
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    nights(&fleet, NIGHTS).await?;
    make_changes(&fleet).await?;
    let url = fleet.variable("DATABASE_URL").context("a database")?;
    let store = store::connect(&url.into()).await?;
    close_months(&fleet, &*store).await?;
    let add = ["schedule", "add", "nightly", "--cron", "0 2 * * *"];
    let two_months = ["--", "--last-months", "2"];
    fleet
        .producer_exits(0, &[&add[..], &two_months].concat())
        .await?;
    sqlx::raw_sql(NIGHTLY).execute(&fleet.pool).await?;
    sqlx::raw_sql("VACUUM (ANALYZE)")
        .execute(&fleet.pool)
        .await?;
    let times = "SELECT COUNT(*) FROM sync_schedule_times";
    assert_eq!(number(&fleet, times).await?, i64::from(NIGHTS));
    Ok(fleet)
}

/// How long a command takes: the median, without the first time. It must end in `code` and say `says`.
async fn takes(
    fleet: &Fleet,
    arguments: &[&str],
    code: i32,
    says: &str,
) -> anyhow::Result<Duration> {
    let mut took = Vec::new();
    for _ in 0..=RUN {
        let began = Instant::now();
        let output = fleet.producer(arguments).await?;
        took.push(began.elapsed());
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8(said)?;
        assert_eq!(output.status.code(), Some(code), "{arguments:?}: {said}");
        assert!(
            said.contains(says),
            "{arguments:?} without {says:?}: {said}"
        );
    }
    took.remove(0);
    took.sort_unstable();
    Ok(took[RUN / 2])
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/test --full"]
async fn every_command_answers_soon_over_four_hundred_nights() -> anyhow::Result<()> {
    let fleet = ledger().await?;
    let newest = "SELECT id FROM sync_runs ORDER BY created_at DESC LIMIT 1";
    let run: String = sqlx::query_scalar(newest).fetch_one(&fleet.pool).await?;
    let month = "SELECT MAX(ref_month) FROM estatisticas_portfolio";
    let month: String = sqlx::query_scalar(month).fetch_one(&fleet.pool).await?;
    let commands: [(&[&str], i32, &str); 15] = [
        (&["status"], 3, "schedule  nightly"),
        (&["failed"], 3, "9 jobs failed"),
        (&["failed", "--group"], 3, "requeue one cause"),
        (
            &["explain", "--empreendimento-id", "1400"],
            0,
            "1400 Loteamento",
        ),
        (
            &["explain", "--empreendimento-id", "1400", "--month", &month],
            0,
            &month,
        ),
        (&["diff"], 0, "differences by table and month"),
        (
            &["diff", "--since-close"],
            0,
            "differences by table and month",
        ),
        (&["closes"], 0, "ana@office"),
        (&["schedule", "list"], 0, "nightly  0 2 * * *"),
        (&["schedule", "history", "nightly"], 0, &run),
        (&["notify", "list"], 0, "run-failed"),
        (&["check-freshness", "--max-age", "3d"], 0, "fresh: run "),
        (&["prune", "--dry-run"], 0, "nothing was removed"),
        (
            &["cancel", "--run", &run, "--why", "mistaken", "--dry-run"],
            0,
            "would be cancelled",
        ),
        (&["requeue", "--dry-run"], 0, "would be requeued"),
    ];
    let mut wrong = Vec::new();
    for (arguments, code, says) in commands {
        let took = takes(&fleet, arguments, code, says).await?;
        let line = format!(
            "{}: {:.0} ms",
            arguments.join(" "),
            took.as_secs_f64() * 1e3
        );
        println!("{line}");
        if took > LONGEST {
            wrong.push(line);
        }
    }
    assert!(
        wrong.is_empty(),
        "later than {} ms: {wrong:#?}",
        LONGEST.as_millis()
    );
    fleet.remove().await
}
