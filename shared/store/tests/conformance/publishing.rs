//! What a commit of an empreendimento does to the tables.

use domain::job::JobMessage;
use domain::ledger::{Committed, JobState};
use store::StoreError;
use tokio::sync::Barrier;

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

pub async fn concurrent_commits_of_one_filial_agree_on_its_activity(db: &Db) {
    for round in 0..4 {
        let run = format!("run-{round}");
        // In turns: one of two goes inactive while the other comes alive, and both go inactive.
        let alive: [bool; 2] = if round % 3 == 2 {
            [false, false]
        } else {
            [round % 3 == 0, round % 3 == 1]
        };
        let first = recorded(db, &run, first_quarter(), target(1)).await;
        let second = JobMessage::new(run_id(&run), target(2), first_quarter());
        let barrier = std::sync::Arc::new(Barrier::new(2));
        let mut commits = Vec::new();
        for (job, is_active) in [first, second].into_iter().zip(alive) {
            let attempt = granted(&*db.store, &job, "w").await.attempt;
            let (store, barrier) = (db.another_process().await, barrier.clone());
            commits.push(tokio::spawn(async move {
                let mut rows = result(&job.params, &[], 1);
                rows.is_active = is_active;
                barrier.wait().await;
                store
                    .commit_empreendimento(&attempt, &rows, &[])
                    .await
                    .unwrap()
            }));
        }
        for commit in commits {
            assert!(matches!(commit.await.unwrap(), Committed::Applied { .. }));
        }
        let active = "SELECT CAST(is_active AS INTEGER) AS value FROM filiais WHERE id = 10";
        let expected = if alive == [false, false] { "0" } else { "1" };
        assert_eq!(db.text(active).await, expected, "round {round}");
    }
}

/// The same for certain: both commits are made to meet at the filial's row.
#[tokio::test(flavor = "multi_thread")]
async fn the_second_of_two_commits_sees_the_first_ones_activity() {
    on_postgres(async |db| {
        let Raw::Postgres(pool) = &db.raw else {
            unreachable!("on PostgreSQL")
        };
        let first = recorded(db, "a", first_quarter(), target(1)).await;
        commit(db, &first, &result(&first.params, &[1], 1)).await;
        let goes = recorded(db, "b", first_quarter(), target(1)).await;
        let comes = JobMessage::new(run_id("b"), target(2), first_quarter());

        let mut gate = pool.begin().await.unwrap();
        sqlx::query("SELECT FROM filiais WHERE id = 10 FOR UPDATE")
            .execute(&mut *gate)
            .await
            .unwrap();
        let commits = [(goes, false), (comes, true)].map(|(job, is_active)| {
            let store = db.store.clone();
            tokio::spawn(async move {
                let attempt = granted(&*store, &job, "w").await.attempt;
                let mut rows = result(&job.params, &[], 1);
                rows.is_active = is_active;
                store
                    .commit_empreendimento(&attempt, &rows, &[])
                    .await
                    .unwrap()
            })
        });
        let waiting = "SELECT COUNT(DISTINCT pid) AS value FROM pg_locks JOIN pg_stat_activity
                       USING (pid)
                       WHERE relation = CAST('filiais' AS regclass) AND wait_event_type = 'Lock'";
        let both_wait = async { while db.text(waiting).await != "2" {} };
        let in_time = std::time::Duration::from_secs(15);
        tokio::time::timeout(in_time, both_wait)
            .await
            .expect("both commits reach the filial");
        gate.rollback().await.unwrap();
        for commit in commits {
            assert!(matches!(commit.await.unwrap(), Committed::Applied { .. }));
        }
        let active = "SELECT CAST(is_active AS INTEGER) AS value FROM filiais WHERE id = 10";
        assert_eq!(db.text(active).await, "1");
    })
    .await;
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

pub async fn dashboards_find_the_names_they_know(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    commit(db, &job, &result(&job.params, &[11], 1)).await;
    commit_faturas(
        db,
        "f",
        first_quarter(),
        vec![fatura("1", "NF", "2026-01-10", 12_345, 45)],
    )
    .await;
    for (table, columns, rows) in [
        ("filiais", "id, nome, fantasia, cnpj, is_active", 2),
        (
            "empreendimentos",
            "id, nome, filial_id, centro_custo_id, is_active, last_synced_at,
             last_financial_sync_at",
            3,
        ),
        (
            "contratos",
            "id, empreendimento_id, status, valor_contrato, valor_atualizado_ipca,
             data_assinatura",
            1,
        ),
        (
            "entradas_caixa",
            "empreendimento_id, ref_month, category, empreendimento_nome, forecast, actual,
             details",
            12,
        ),
        (
            "estatisticas_portfolio",
            "empreendimento_id, ref_month, empreendimento_nome, vp, ltv, prazo_medio, duration,
             total_contracts, active_contracts, details",
            3,
        ),
        (
            "delinquency",
            "empreendimento_id, ref_month, empreendimento_nome, up_to_30, days_30_60, days_60_90,
             days_90_180, above_180, total, details",
            3,
        ),
        ("inadimplencia", "empreendimento_id, total", 3),
        (
            "faturas_pagar",
            "filial_id, numero_ap, numero_parcela, agente_codigo, tipo_documento,
             numero_documento, data_vencimento, valor_parcela, saldo_atual, data_prorrogado,
             data_baixa",
            1,
        ),
        (
            "saidas_caixa",
            "filial_id, mes_referencia, categoria, filial_nome, orcamento, realizado, detalhes",
            1,
        ),
    ] {
        let everything = format!(
            "SELECT COUNT(*) AS value FROM (
             SELECT {columns}, run_id, synced_at FROM {table}) AS rows"
        );
        assert_eq!(db.text(&everything).await, rows.to_string(), "{table}");
    }
    for (figure, expected) in [
        (
            "SELECT ROUND(valor_contrato * 100) AS value FROM contratos",
            12_345_678.0,
        ),
        (
            "SELECT ROUND(valor_atualizado_ipca * 100) AS value FROM contratos",
            12_400_001.0,
        ),
        ("SELECT MAX(actual) AS value FROM entradas_caixa", -0.01),
        (
            "SELECT MAX(prazo_medio) AS value FROM estatisticas_portfolio",
            120.5,
        ),
        (
            "SELECT MAX(duration) AS value FROM estatisticas_portfolio",
            3.12,
        ),
        (
            "SELECT MAX(ltv) AS value FROM estatisticas_portfolio",
            66.67,
        ),
        (
            "SELECT above_180 AS value FROM delinquency WHERE ref_month = '2026-01'",
            0.05,
        ),
        ("SELECT realizado AS value FROM saidas_caixa", 123.0),
        ("SELECT saldo_atual AS value FROM faturas_pagar", 0.45),
    ] {
        assert_eq!(db.text(figure).await.parse(), Ok(expected), "{figure}");
    }
    let texts = "SELECT CAST(data_assinatura AS TEXT) AS value FROM contratos UNION ALL
                 SELECT DISTINCT empreendimento_nome FROM entradas_caixa UNION ALL
                 SELECT filial_nome FROM saidas_caixa";
    assert_eq!(
        db.texts(texts).await,
        ["2020-02-29", "Residencial 1", "Construtora 10"]
    );
}

pub async fn totals_count_every_table(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    commit(db, &job, &result(&job.params, &[11, 12], 1)).await;
    let faturas = vec![
        fatura("1", "NF", "2026-01-10", 100_050, 0),
        fatura("2", "NF", "2026-02-10", 50_000, 20_000),
    ];
    commit_faturas(db, "f", first_quarter(), faturas).await;
    let totals = db.store.totals().await.unwrap();
    let lines: Vec<_> = totals
        .iter()
        .map(|total| {
            let sums = total
                .sums
                .iter()
                .map(|(name, sum)| format!(" {name}={sum}"));
            format!("{} {}{}", total.table, total.rows, sums.collect::<String>())
        })
        .collect();
    assert_eq!(
        lines,
        [
            "filiais 2",
            "empreendimentos 3",
            "contratos 2 valor_contrato=246913.56",
            "entradas_caixa 12 forecast=0.12 actual=-0.12",
            "estatisticas_portfolio 3 vp=30.03",
            "delinquency 3 total=0.45",
            "faturas_pagar 2 valor_parcela=1500.50 saldo_atual=200.00",
            "saidas_caixa 2 orcamento=1500.50 realizado=1300.50",
        ]
    );
}
