//! What a commit of an empreendimento does to the tables.

use domain::job::JobMessage;
use domain::ledger::JobState;
use store::StoreError;

use crate::support::*;

const CONTRATOS: &str = "SELECT id || ' ' || empreendimento_id AS value FROM contratos ORDER BY id";

/// One text a row, of every table that has months.
async fn months(db: &Db) -> Vec<String> {
    let mut all = Vec::new();
    for (table, figure) in [
        ("entradas_caixa", "forecast"),
        ("delinquency", "total"),
        ("inadimplencia", "total"),
        ("estatisticas_portfolio", "vp"),
    ] {
        all.extend(
            db.texts(&format!(
                "SELECT '{table} ' || empreendimento_id || ' ' || ref_month || ' ' || COUNT(*)
                        || ' ' || CAST(ROUND(SUM({figure}) * 100) AS BIGINT) || ' ' || MIN(run_id)
                        AS value
                 FROM {table} GROUP BY empreendimento_id, ref_month
                 ORDER BY empreendimento_id, ref_month"
            ))
            .await,
        );
    }
    all
}

pub async fn a_commit_replaces_its_months_and_no_others(db: &Db) {
    let first = recorded(db, "a", first_quarter(), target(1)).await;
    commit(db, &first, &result(&first.params, &[11, 12], 100)).await;
    let neighbour = JobMessage::new(run_id("a"), target(2), first_quarter());
    commit(db, &neighbour, &result(&first.params, &[21], 100)).await;

    // Only February and March again; one contrato is gone, one is new; and of March no rows.
    let later = params("2026-02-10", "2026-03-20", "2026-04-02");
    let second = recorded(db, "b", later, target(1)).await;
    let mut replacement = result(&later, &[12, 13], 7);
    let february = "2026-02".parse().unwrap();
    replacement.entradas.retain(|row| row.ref_month == february);
    replacement
        .delinquency
        .retain(|row| row.ref_month == february);
    replacement
        .portfolio
        .retain(|row| row.ref_month == february);
    commit(db, &second, &replacement).await;

    assert_eq!(db.texts(CONTRATOS).await, ["12 1", "13 1", "21 2"]);
    let neighbours = |table, figures: [&str; 2]| {
        let [count, figure] = figures.map(str::to_owned);
        ["2026-01", "2026-02", "2026-03"]
            .map(|month| format!("{table} 2 {month} {count} {figure} a"))
    };
    let mut expected = Vec::new();
    for (table, [count, old, new]) in [
        ("entradas_caixa", ["4", "400", "28"]),
        ("delinquency", ["1", "1500", "105"]),
        ("inadimplencia", ["1", "1500", "105"]),
        ("estatisticas_portfolio", ["1", "100001", "7001"]),
    ] {
        expected.push(format!("{table} 1 2026-01 {count} {old} a"));
        expected.push(format!("{table} 1 2026-02 {count} {new} b"));
        expected.extend(neighbours(table, [count, old]));
    }
    assert_eq!(months(db).await, expected);

    // Nothing left: the empreendimento is empty and inactive.
    let last = params("2026-01-01", "2026-03-31", "2026-04-03");
    let third = recorded(db, "c", last, target(1)).await;
    let mut nothing = result(&last, &[], 0);
    nothing.entradas.clear();
    nothing.delinquency.clear();
    nothing.portfolio.clear();
    commit(db, &third, &nothing).await;
    assert_eq!(db.texts(CONTRATOS).await, ["21 2"]);
    assert!(months(db).await.iter().all(|row| row.contains(" 2 2026-")));
    let active = "SELECT CAST(is_active AS INTEGER) AS value FROM empreendimentos ORDER BY id";
    assert_eq!(db.texts(active).await, ["0", "1", "0"]);
}

pub async fn a_contrato_moves_with_its_listing(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    commit(db, &job, &result(&job.params, &[11, 12], 1)).await;
    let other = JobMessage::new(run_id("a"), target(2), first_quarter());
    commit(db, &other, &result(&job.params, &[12, 21], 1)).await;
    assert_eq!(db.texts(CONTRATOS).await, ["11 1", "12 2", "21 2"]);
    // The empreendimento it left does not take it away.
    let again = recorded(db, "b", first_quarter(), target(1)).await;
    commit(db, &again, &result(&job.params, &[11], 1)).await;
    assert_eq!(db.texts(CONTRATOS).await, ["11 1", "12 2", "21 2"]);
}

pub async fn a_repeated_commit_writes_nothing(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let rows = result(&job.params, &[11, 12], 1);
    commit(db, &job, &rows).await;
    commit_faturas(
        db,
        "f",
        first_quarter(),
        vec![fatura("1", "NF", "2026-01-10", 100, 0)],
    )
    .await;
    let written = "SELECT DISTINCT synced_at AS value FROM (
        SELECT synced_at FROM contratos UNION ALL SELECT synced_at FROM entradas_caixa UNION ALL
        SELECT synced_at FROM delinquency UNION ALL SELECT synced_at FROM estatisticas_portfolio
        ) AS rows";
    let before = db.texts(written).await;
    assert_eq!(before.len(), 1);

    // The same run's same result once more.
    db.execute("UPDATE sync_jobs SET state = 'queued' WHERE run_id = 'a'")
        .await;
    commit(db, &job, &rows).await;
    assert_eq!(db.texts(written).await, before);

    let next = recorded(db, "b", first_quarter(), target(1)).await;
    commit(db, &next, &rows).await;
    let after = db.texts(written).await;
    assert!(
        after.len() == 1 && after != before,
        "a new run signs every row"
    );
}

pub async fn a_refused_commit_leaves_no_trace(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    commit(db, &job, &result(&job.params, &[11], 1)).await;
    let before = months(db).await;
    let next = recorded(db, "b", first_quarter(), target(1)).await;
    let attempt = granted(&*db.store, &next, "w").await.attempt;
    // The last of the tables refuses, when the others are written already.
    match &db.raw {
        Raw::Postgres(_) => {
            db.execute("ALTER TABLE estatisticas_portfolio ADD CHECK (vp < 10) NOT VALID")
                .await;
        }
        Raw::Sqlite(_) => {
            db.execute(
                "CREATE TRIGGER no BEFORE UPDATE ON estatisticas_portfolio_centavos
                 BEGIN SELECT RAISE(ABORT, 'check'); END",
            )
            .await;
        }
    }
    let mut rows = result(&next.params, &[12], 2);
    rows.contratos[0].status = "status-of-a-row".to_owned();
    rows.portfolio[0].vp = centavos(777_777);
    let refused = db
        .store
        .commit_empreendimento(&attempt, &rows, &[])
        .await
        .unwrap_err();
    assert!(
        matches!(&refused, StoreError::Refused(why) if why.contains("check")),
        "{refused}"
    );
    assert!(!refused.to_string().contains("7777.77"), "{refused}");
    assert_eq!(months(db).await, before);
    assert_eq!(db.texts(CONTRATOS).await, ["11 1"]);
    let state = db.store.jobs(&next.run_id).await.unwrap()[1].state;
    assert_eq!(state, JobState::Running);
    let held = db
        .text("SELECT holder_run AS value FROM sync_targets WHERE target = '1'")
        .await;
    assert_eq!(held, "b");
}
