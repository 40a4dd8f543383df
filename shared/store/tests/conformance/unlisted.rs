//! Empreendimentos that leave the catalogue.

use domain::job::JobMessage;
use domain::ledger::NewRun;

use crate::support::*;

/// A run whose catalogue lacks some empreendimentos.
fn without(name: &str, gone: &[i64]) -> NewRun {
    let mut run = new_run(name, first_quarter());
    let listed = |id: i64| !gone.contains(&id);
    run.empreendimentos.retain(|row| listed(row.id.get()));
    run.jobs.retain(|job| {
        job.target
            .empreendimento()
            .is_none_or(|id| listed(id.get()))
    });
    run
}

async fn active(db: &Db) -> Vec<String> {
    db.texts(
        "SELECT 'empreendimento ' || id AS value FROM empreendimentos WHERE is_active
         UNION ALL SELECT 'filial ' || id FROM filiais WHERE is_active ORDER BY 1",
    )
    .await
}

async fn known(db: &Db) -> Vec<i64> {
    let known = db.store.listed_with_contratos().await.unwrap();
    known.into_iter().map(|id| id.get()).collect()
}

/// All three empreendimentos with a contrato each.
async fn all_committed(db: &Db) {
    db.store
        .record_run(&new_run("a", first_quarter()))
        .await
        .unwrap();
    for id in 1..=3 {
        let job = JobMessage::new(run_id("a"), target(id), first_quarter());
        commit(db, &job, &result(&job.params, &[id * 10], 1)).await;
    }
}

pub async fn one_no_longer_listed_becomes_inactive_and_keeps_its_rows(db: &Db) {
    all_committed(db).await;
    let all = [
        "empreendimento 1",
        "empreendimento 2",
        "empreendimento 3",
        "filial 10",
        "filial 20",
    ];
    assert_eq!(
        (active(db).await, known(db).await),
        (all.map(str::to_owned).into(), vec![1, 2, 3])
    );

    db.store.record_run(&without("b", &[2, 3])).await.unwrap();
    assert_eq!(active(db).await, ["empreendimento 1", "filial 10"]);
    assert_eq!(known(db).await, [1], "they are not missed again");
    for table in [
        "contratos",
        "entradas_caixa",
        "delinquency",
        "estatisticas_portfolio",
    ] {
        let rows = format!("SELECT COUNT(DISTINCT empreendimento_id) AS value FROM {table}");
        assert_eq!(db.text(&rows).await, "3", "{table}");
    }

    // Listed again, the next commit says whether it is active.
    db.store
        .record_run(&new_run("c", first_quarter()))
        .await
        .unwrap();
    assert_eq!(
        (active(db).await.len(), known(db).await),
        (2, vec![1, 2, 3])
    );
    let job = JobMessage::new(run_id("c"), target(3), first_quarter());
    commit(db, &job, &result(&job.params, &[30], 1)).await;
    assert_eq!(
        active(db).await,
        [
            "empreendimento 1",
            "empreendimento 3",
            "filial 10",
            "filial 20"
        ]
    );
}

pub async fn a_late_commit_does_not_make_it_active_again(db: &Db) {
    all_committed(db).await;
    db.store
        .record_run(&new_run("b", first_quarter()))
        .await
        .unwrap();
    let job = JobMessage::new(run_id("b"), target(3), first_quarter());
    let attempt = granted(&*db.store, &job, "w").await.attempt;
    db.store.record_run(&without("c", &[3])).await.unwrap();
    let rows = result(&job.params, &[30], 2);
    db.store
        .commit_empreendimento(&attempt, &rows, &[])
        .await
        .unwrap();
    assert_eq!(
        active(db).await,
        ["empreendimento 1", "empreendimento 2", "filial 10"]
    );
    let vp = "SELECT COUNT(*) AS value FROM estatisticas_portfolio
              WHERE empreendimento_id = 3 AND run_id = 'b'";
    assert_eq!(
        db.text(vp).await,
        "3",
        "its figures are written all the same"
    );
}
