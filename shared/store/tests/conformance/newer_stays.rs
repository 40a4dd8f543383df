//! A commit overwrites what an older view wrote, and leaves what a newer one did.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use domain::job::{JobMessage, RunParams, Target};
use domain::ledger::Committed;
use domain::tables::SaidasCaixaResult;

use crate::support::*;

/// Records a run for a target, which replaces newer views or not.
async fn run(db: &Db, name: &str, params: RunParams, target: Target, replace: bool) -> JobMessage {
    let mut run = new_run(name, params);
    run.replace_newer = replace;
    db.store.record_run(&run).await.unwrap();
    JobMessage::new(run.id, target, params)
}

/// Claims and commits; says what was left.
async fn commit_kept(db: &Db, job: &JobMessage, contratos: &[i64], size: i64) -> Vec<String> {
    let attempt = granted(&*db.store, job, "w").await.attempt;
    let rows = result(&job.params, contratos, size);
    match db
        .store
        .commit_empreendimento(&attempt, &rows, &[])
        .await
        .unwrap()
    {
        Committed::Applied { kept } => kept,
        Committed::Fenced => panic!("fenced"),
    }
}

/// Month and `vp` in hundreds of the cell, as [`result`] makes it of a size.
async fn sizes(db: &Db) -> Vec<String> {
    db.texts(
        "SELECT ref_month || ' ' || CAST(CAST(vp * 100 AS INTEGER) / 1000 AS TEXT) AS value
         FROM estatisticas_portfolio WHERE empreendimento_id = 1 ORDER BY ref_month",
    )
    .await
}

pub async fn an_older_view_leaves_what_a_newer_one_wrote(db: &Db) {
    let old = run(
        db,
        "a",
        params("2026-01-01", "2026-03-31", "2026-11-03"),
        target(1),
        false,
    )
    .await;
    let new = run(
        db,
        "b",
        params("2026-03-01", "2026-04-30", "2026-11-23"),
        target(1),
        false,
    )
    .await;
    assert_eq!(commit_kept(db, &new, &[7, 8], 2).await, [""; 0]);
    assert_eq!(commit_kept(db, &old, &[7], 1).await, ["2026-03"]);
    assert_eq!(
        sizes(db).await,
        ["2026-01 1", "2026-02 1", "2026-03 2", "2026-04 2"]
    );
    for table in ["entradas_caixa", "delinquency"] {
        let of_new = format!(
            "SELECT DISTINCT ref_month AS value FROM {table} WHERE run_id = 'b' ORDER BY 1"
        );
        assert_eq!(db.texts(&of_new).await, ["2026-03", "2026-04"], "{table}");
    }
    // Contratos and activity follow the latest view; the job is done all the same.
    assert_eq!(
        db.texts("SELECT id AS value FROM contratos ORDER BY id")
            .await,
        ["7", "8"]
    );
    assert_eq!(
        db.text("SELECT commit_run AS value FROM sync_targets WHERE target = '1'")
            .await,
        "b"
    );
    let checks = db.store.checks_of_run(&old.run_id).await.unwrap();
    assert_eq!(checks[0].name, "newer-stays");
    assert_eq!(
        (&checks[0].verdict[..], &checks[0].samples[..]),
        ("noted", &["2026-03".to_owned()][..])
    );
    let state = "SELECT state AS value FROM sync_jobs WHERE run_id = 'a' AND target = '1'";
    assert_eq!(db.text(state).await, "done");

    // A month that the newer view left empty is its own, too.
    let january = |as_of| params("2026-01-01", "2026-01-31", as_of);
    let empty = run(db, "c", january("2026-11-24"), target(1), false).await;
    let attempt = granted(&*db.store, &empty, "w").await.attempt;
    let mut nothing = result(&empty.params, &[], 1);
    nothing.entradas.clear();
    nothing.delinquency.clear();
    nothing.portfolio.clear();
    db.store
        .commit_empreendimento(&attempt, &nothing, &[])
        .await
        .unwrap();
    let late = run(db, "d", january("2026-11-03"), target(1), false).await;
    assert_eq!(commit_kept(db, &late, &[7], 1).await, ["2026-01"]);
    assert_eq!(sizes(db).await, ["2026-02 1", "2026-03 2", "2026-04 2"]);
}

async fn commit_payables(
    db: &Db,
    job: &JobMessage,
    faturas: Vec<domain::tables::FaturaRow>,
) -> Vec<String> {
    let attempt = granted(&*db.store, job, "w").await.attempt;
    let result = SaidasCaixaResult {
        faturas: vec![faturas],
        manifest: Default::default(),
    };
    match db
        .store
        .commit_saidas_caixa(&attempt, &result, &[])
        .await
        .unwrap()
    {
        Committed::Applied { kept } => kept,
        Committed::Fenced => panic!("fenced"),
    }
}

async fn faturas(db: &Db) -> Vec<String> {
    db.texts(
        "SELECT numero_ap || ' ' || CAST(CAST(saldo_atual AS INTEGER) AS TEXT) || ' '
                || COALESCE(CAST(data_baixa AS TEXT), '-') AS value
         FROM faturas_pagar ORDER BY numero_ap",
    )
    .await
}

pub async fn an_older_view_of_payables_leaves_newer_days(db: &Db) {
    let cash = Target::SaidasCaixa;
    let old = run(
        db,
        "a",
        params("2026-01-01", "2026-01-31", "2026-02-03"),
        cash,
        false,
    )
    .await;
    let new = run(
        db,
        "b",
        params("2026-01-15", "2026-02-28", "2026-02-20"),
        cash,
        false,
    )
    .await;
    let open = |ap: &str, due: &str| fatura(ap, "NF", due, 10_000, 10_000);
    let paid = |ap: &str, due: &str| fatura(ap, "NF", due, 10_000, 0);
    commit_payables(
        db,
        &new,
        vec![paid("15", "2026-01-15"), open("20", "2026-01-20")],
    )
    .await;
    let kept = commit_payables(
        db,
        &old,
        vec![
            open("14", "2026-01-14"),
            open("15", "2026-01-15"),
            open("16", "2026-01-16"),
        ],
    )
    .await;
    assert_eq!((kept.len(), kept[0].as_str()), (17, "2026-01-15"));
    // 15 stays paid, 16 is not known to the newer view, 20 is not gone.
    assert_eq!(
        faturas(db).await,
        ["14 100 -", "15 0 2026-01-15", "20 100 -"]
    );
    let total = "SELECT CAST(CAST(SUM(orcamento) AS INTEGER) AS TEXT) AS value FROM saidas_caixa";
    assert_eq!(db.text(total).await, "300");
}

pub async fn a_run_that_replaces_undoes_a_mistaken_as_of(db: &Db) {
    let quarter = |as_of| params("2026-01-01", "2026-03-31", as_of);
    let mistaken = run(db, "a", quarter("2027-11-23"), target(1), false).await;
    commit_kept(db, &mistaken, &[7], 9).await;
    let ordinary = run(db, "b", quarter("2026-11-23"), target(1), false).await;
    assert_eq!(commit_kept(db, &ordinary, &[7, 8], 1).await.len(), 3);
    let undo = run(db, "c", quarter("2026-11-23"), target(1), true).await;
    assert_eq!(commit_kept(db, &undo, &[7, 8], 1).await, [""; 0]);
    assert_eq!(sizes(db).await, ["2026-01 1", "2026-02 1", "2026-03 1"]);
    assert_eq!(
        db.texts("SELECT id AS value FROM contratos ORDER BY id")
            .await,
        ["7", "8"]
    );
    // From now on its view is what counts.
    let next = run(db, "d", quarter("2026-11-24"), target(1), false).await;
    assert_eq!(commit_kept(db, &next, &[7], 2).await, [""; 0]);
    let audit = "SELECT requested_by || ' ' || id AS value FROM sync_runs WHERE replace_newer";
    assert_eq!(db.text(audit).await, "ana@office c");

    // A payment dated in the future goes back to the day it was seen.
    let cash = Target::SaidasCaixa;
    let open = run(db, "e", quarter("2026-04-01"), cash, false).await;
    commit_payables(
        db,
        &open,
        vec![fatura("1", "NF", "2026-01-15", 10_000, 10_000)],
    )
    .await;
    let paid = || vec![fatura("1", "NF", "2026-01-15", 10_000, 0)];
    let mistaken = run(db, "f", quarter("2027-04-02"), cash, false).await;
    commit_payables(db, &mistaken, paid()).await;
    assert_eq!(faturas(db).await, ["1 0 2027-04-02"]);
    let undo = run(db, "g", quarter("2026-04-02"), cash, true).await;
    commit_payables(db, &undo, paid()).await;
    assert_eq!(faturas(db).await, ["1 0 2026-04-02"]);
}

/// Views and windows drawn from a seed, committed in an order drawn from it, against a model: of each
/// month the newest view stands.
pub async fn whatever_the_order_each_month_ends_with_its_newest_view(db: &Db) {
    let mut random = fastrand::Rng::with_seed(20_261_123);
    let first_day: NaiveDate = "2026-01-01".parse().unwrap();
    let as_of: NaiveDate = "2026-11-01".parse().unwrap();
    let mut jobs = Vec::new();
    for n in 0..24 {
        let start = first_day + chrono::Months::new(random.u32(0..8));
        let end = start + chrono::Months::new(random.u32(1..5)) - Days::new(1);
        let params = RunParams {
            start_date: start,
            end_date: end,
            as_of: as_of + Days::new(random.u64(0..6)),
        };
        let name = format!("r{n:02}");
        jobs.push((n, run(db, &name, params, target(1), false).await));
    }
    random.shuffle(&mut jobs);
    let mut newest: BTreeMap<String, ((NaiveDate, i64), i64)> = BTreeMap::new();
    let mut last = None;
    for (n, job) in jobs {
        let view = (job.params.as_of, n);
        // One that a later run has made needless is not done at all.
        let claim = db.store.claim(&job, &worker("w")).await.unwrap();
        let domain::ledger::Claim::Granted(grant) = claim else {
            assert!(
                matches!(claim, domain::ledger::Claim::Superseded { .. }),
                "{claim:?}"
            );
            continue;
        };
        let size = n + 1;
        let rows = result(&job.params, &[size], size);
        db.store
            .commit_empreendimento(&grant.attempt, &rows, &[])
            .await
            .unwrap();
        for month in job.params.months() {
            let of_month = newest.entry(month.to_string()).or_insert((view, size));
            if view > of_month.0 {
                *of_month = (view, size);
            }
        }
        last = last.max(Some((view, size)));
        let expected: Vec<_> = newest
            .iter()
            .map(|(month, (_, size))| format!("{month} {size}"))
            .collect();
        assert_eq!(sizes(db).await, expected, "after run {n}");
        let contratos = db
            .texts("SELECT id AS value FROM contratos WHERE empreendimento_id = 1")
            .await;
        assert_eq!(contratos, [last.unwrap().1.to_string()], "after run {n}");
    }
}
