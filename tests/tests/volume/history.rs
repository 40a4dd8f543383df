//! The history of the figures after a year of nights: how large it is, and how soon it answers.

use std::path::Path;
use std::time::{Duration, Instant};

use chrono::{TimeDelta, Utc};
use domain::job::Target;
use producer::report::{Between, DiffFilter, diff, standing};
use simulator::Config;
use sqlx::migrate::Migrator;
use store::{NewClose, Store};
use tests::{Fleet, GOLDEN};

use crate::number;
use crate::pages::year_of_nights;

/// The longest that an answer may take, half of the times it is asked for.
const LONGEST: Duration = Duration::from_millis(if cfg!(debug_assertions) { 400 } else { 100 });
/// The last migration of the version before the history.
const BEFORE: i64 = 14;

/// Every cell in the first night, and 2 % of them in each later one.
const HISTORY: &str = "
CREATE TEMPORARY TABLE first AS SELECT * FROM sync_cells;
TRUNCATE sync_cells;
INSERT INTO sync_cells (kind, owner, ref_month, category, at, run_id, as_of, v0, v1, v2, v3, v4, v5,
                        p0, p1, p2, p3, p4, p5)
SELECT f.kind, f.owner, f.ref_month, f.category, r.created_at + interval '1 hour', r.id, r.as_of,
       f.v0 + n.n, f.v1, f.v2, f.v3, f.v4, f.v5, f.v0 + n.n - 1, f.v1, f.v2, f.v3, f.v4, f.v5
FROM (SELECT *, row_number() OVER () AS place FROM first) AS f
CROSS JOIN (SELECT id, row_number() OVER (ORDER BY created_at) AS n FROM sync_runs) AS n
JOIN sync_runs r ON r.id = n.id
WHERE n.n = 1 OR (f.place * 7919 + n.n * 104729) % 50 = 0";

/// Makes the history of the figures of all nights, as [`HISTORY`] says, from the version before with the
/// nights in it. Gives how many cells there are.
pub async fn make_changes(fleet: &Fleet) -> anyhow::Result<i64> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../migrations/postgres");
    Migrator::new(folder)
        .await?
        .undo(&fleet.pool, BEFORE)
        .await?;
    let began = Instant::now();
    fleet.producer_exits(0, &["migrate"]).await?;
    println!("migrated in {:.1} s", began.elapsed().as_secs_f64());
    let cells = number(fleet, "SELECT COUNT(*) FROM sync_cells").await?;
    let published = "SELECT (SELECT COUNT(*) FROM entradas_caixa) + (SELECT COUNT(*) FROM delinquency)
                     + (SELECT COUNT(*) FROM estatisticas_portfolio) + (SELECT COUNT(*) FROM saidas_caixa)";
    assert_eq!(cells, number(fleet, published).await?);
    sqlx::raw_sql(HISTORY).execute(&fleet.pool).await?;
    sqlx::raw_sql("VACUUM (ANALYZE)")
        .execute(&fleet.pool)
        .await?;
    Ok(cells)
}

/// Closes twelve months that are over. Afterwards 2 % of their cells change once more.
pub async fn close_months(fleet: &Fleet, store: &dyn Store) -> anyhow::Result<()> {
    for months_ago in 2..=13 {
        let month =
            domain::month::Month::of((Utc::now() - chrono::Months::new(months_ago)).date_naive());
        let close = NewClose {
            month,
            empreendimentos: vec![],
            by: "ana@office".to_owned(),
            note: String::new(),
            forced: false,
        };
        store.close(&close).await?;
    }
    let late = "INSERT INTO sync_cells (kind, owner, ref_month, category, at, run_id, as_of, v0, v1)
                SELECT kind, owner, ref_month, category, now(), run_id, as_of, v0 + 1, v1
                FROM (SELECT *, row_number() OVER () AS place FROM sync_cells c
                      WHERE kind = 'entradas_caixa' AND NOT EXISTS (
                          SELECT FROM sync_cells l WHERE l.kind = c.kind AND l.owner = c.owner
                              AND l.ref_month = c.ref_month AND l.category = c.category AND l.at > c.at)
                     ) AS last
                WHERE place % 50 = 0 AND ref_month IN (SELECT ref_month FROM sync_closes)";
    sqlx::raw_sql(late).execute(&fleet.pool).await?;
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
#[ignore = "takes minutes: scripts/test --full"]
async fn a_year_of_changes_is_small_and_answers_soon() -> anyhow::Result<()> {
    let fleet = Fleet::new(Config::folder(GOLDEN)).await?;
    year_of_nights(&fleet).await?;

    let cells = make_changes(&fleet).await?;
    let changes = number(&fleet, "SELECT COUNT(*) FROM sync_cells").await?;
    let bytes = number(&fleet, "SELECT pg_total_relation_size('sync_cells')").await?;
    println!(
        "{cells} cells, {changes} changes in a year, {:.1} MB, {} bytes a change",
        bytes as f64 / 1e6,
        bytes / changes
    );
    let store = store::connect(&fleet.variable("DATABASE_URL").unwrap().into()).await?;
    close_months(&fleet, &*store).await?;

    let id = "1400".parse()?;
    let now = Utc::now();
    let of_all = DiffFilter {
        top: 20,
        ..DiffFilter::default()
    };
    let of_one = DiffFilter {
        empreendimento: Some(id),
        ..of_all.clone()
    };
    let mut wrong = Vec::new();
    for (what, days, filter) in [
        ("explain --as-of, of one", 180, None),
        ("diff since yesterday", 1, Some(&of_all)),
        ("diff since a week ago", 7, Some(&of_all)),
        ("diff since half a year ago, of one", 180, Some(&of_one)),
    ] {
        let at = now - TimeDelta::days(days);
        let mut took = Vec::new();
        let mut found = 0;
        for _ in 0..5 {
            let began = Instant::now();
            found = match filter {
                None => standing(&*store, Some(id), None, at).await?.figures.len(),
                Some(filter) => {
                    let between = Between::Times(at, now);
                    diff(&*store, &between, filter).await?.figures.len()
                }
            };
            took.push(began.elapsed());
        }
        took.sort_unstable();
        let line = format!(
            "{what}: {:.1} ms, {found} found",
            took[2].as_secs_f64() * 1e3
        );
        println!("{line}");
        if took[2] > LONGEST || found == 0 {
            wrong.push(line);
        }
    }
    let began = Instant::now();
    let moved = store.since_close(None).await?.len();
    println!(
        "since close: {:.1} ms, {moved} found",
        began.elapsed().as_secs_f64() * 1e3
    );
    if began.elapsed() > LONGEST || moved == 0 {
        wrong.push("since close".to_owned());
    }
    assert!(wrong.is_empty(), "{wrong:#?}");

    // What is kept for 400 days loses nothing in a year; for 100, all but the months that are closed.
    let then = now - TimeDelta::days(100);
    let target = Target::Empreendimento(id);
    let before = store.cells_of(target, None, then).await?;
    assert_eq!(store.forget_changes(now - TimeDelta::days(400)).await?, 0);
    let forgotten = store.forget_changes(then).await?;
    println!("{forgotten} changes forgotten of the time before the last 100 days");
    assert!(forgotten > 0);
    assert_eq!(store.cells_of(target, None, then).await?, before);
    let closed =
        "SELECT COUNT(*) FROM sync_cells c JOIN sync_closes k ON k.ref_month = c.ref_month";
    assert!(number(&fleet, closed).await? > changes / 3);
    fleet.remove().await
}
