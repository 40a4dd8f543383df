//! Where published figures come from.

use domain::job::Target;
use domain::ledger::AttemptEnd;
use store::PublishedRow;

use crate::support::*;

/// A row as one line: table, month, category, values, run, generation, worker.
fn line(row: &PublishedRow) -> String {
    let month = row.ref_month.map(|month| month.to_string());
    let values: Vec<_> = row
        .values
        .iter()
        .map(|(column, value)| format!("{column}={value}"))
        .collect();
    format!(
        "{} {} {} {} {} {:?} {:?}",
        row.table,
        month.unwrap_or_default(),
        row.category.clone().unwrap_or_default(),
        values.join(" "),
        row.run,
        row.generation,
        row.worker.as_ref().map(ToString::to_string)
    )
}

async fn lines(db: &Db, target: Target, month: Option<&str>) -> Vec<String> {
    let month = month.map(|month| month.parse().unwrap());
    let rows = db.store.published_rows(target, month).await.unwrap();
    rows.iter().map(line).collect()
}

pub async fn every_figure_names_its_attempt(db: &Db) {
    let wide = recorded(db, "a", first_quarter(), target(1)).await;
    assert_eq!(lines(db, target(1), None).await, [""; 0]);
    commit(db, &wide, &result(&wide.params, &[1, 2], 1)).await;
    let march = params("2026-03-01", "2026-03-31", "2026-04-02");
    let newer = recorded(db, "b", march, target(1)).await;
    let failing = granted(&*db.store, &newer, "w").await.attempt;
    let retry = AttemptEnd::Retry {
        cause: cause("transient/timeout"),
        at: "2026-04-01T12:00:00Z".parse().unwrap(),
    };
    db.store.end_attempt(&failing, &retry).await.unwrap();
    commit(db, &newer, &result(&march, &[1, 2, 3], 2)).await;

    let written = "b Some(3) Some(\"w\")";
    assert_eq!(
        lines(db, target(1), Some("2026-03")).await,
        [
            format!(
                "contratos   contratos=3 valor_contrato=370370.34 \
                 valor_atualizado_ipca=372000.03 {written}"
            ),
            format!("entradas_caixa 2026-03 antecipacoes forecast=0.02 actual=-0.02 {written}"),
            format!("entradas_caixa 2026-03 ativos forecast=0.02 actual=-0.02 {written}"),
            format!("entradas_caixa 2026-03 outras forecast=0.02 actual=-0.02 {written}"),
            format!("entradas_caixa 2026-03 recuperacoes forecast=0.02 actual=-0.02 {written}"),
            format!(
                "delinquency 2026-03  up_to_30=0.02 days_30_60=0.04 days_60_90=0.06 \
                 days_90_180=0.08 above_180=0.10 total=0.30 {written}"
            ),
            format!(
                "estatisticas_portfolio 2026-03  vp=20.01 ltv=66.67 prazo_medio=120.5 \
                 duration=3.12 total_contracts=3 active_contracts=3 {written}"
            ),
        ]
    );
    // The newer run's window was March alone: January is still the older one's.
    let january = lines(db, target(1), Some("2026-01")).await;
    assert!(january[1].ends_with("a Some(1) Some(\"w\")"), "{january:?}");
    assert_eq!(lines(db, target(1), None).await.len(), 1 + 3 * (4 + 1 + 1));
    assert_eq!(lines(db, target(2), None).await, [""; 0]);
    let named = async |id| {
        db.store
            .empreendimento_nome(empreendimento(id))
            .await
            .unwrap()
    };
    assert_eq!(named(1).await.as_deref(), Some("Residencial 1"));
    assert_eq!(named(99).await, None);
}

pub async fn attempts_and_commits_are_told_the_newest_first(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    commit(db, &job, &result(&job.params, &[1], 1)).await;
    let newer = recorded(db, "b", first_quarter(), target(1)).await;
    let failing = granted(&*db.store, &newer, "w2").await.attempt;
    let failed = AttemptEnd::Deferred {
        cause: cause("erp-away/circuit"),
        at: "2026-04-01T12:00:00Z".parse().unwrap(),
    };
    db.store.end_attempt(&failing, &failed).await.unwrap();
    commit(db, &newer, &result(&newer.params, &[1, 2], 1)).await;

    let attempts = db.store.attempts(target(1), 10).await.unwrap();
    let told: Vec<_> = attempts
        .iter()
        .map(|one| (one.generation, one.run.as_str(), one.outcome.as_str()))
        .collect();
    assert_eq!(
        told,
        [(3, "b", "done"), (2, "b", "deferred"), (1, "a", "done")]
    );
    assert_eq!(attempts[1].cause, Some(cause("erp-away/circuit")));
    assert_eq!(attempts[1].worker, worker("w2"));
    assert_eq!(attempts[0].params, first_quarter());
    assert!(attempts.iter().all(|one| one.finished_at.is_some()));
    assert_eq!(db.store.attempts(target(1), 2).await.unwrap().len(), 2);

    let commits = async |until| {
        let commits = db.store.last_commits(target(1), until).await.unwrap();
        commits
            .into_iter()
            .map(|one| (one.generation, one.manifest.unwrap().contratos_listed))
            .collect::<Vec<_>>()
    };
    assert_eq!(commits(i64::MAX).await, [(3, 2), (1, 1)]);
    assert_eq!(commits(2).await, [(1, 1)]);
    assert_eq!(commits(0).await, []);
}

pub async fn cash_out_is_told_by_filial_and_categoria(db: &Db) {
    let faturas = vec![
        fatura("1", "NF", "2026-01-10", 1_000, 400),
        fatura("2", "DARF", "2026-02-10", 2_000, 2_000),
    ];
    commit_faturas(db, "a", first_quarter(), faturas).await;
    assert_eq!(
        lines(db, Target::SaidasCaixa, Some("2026-01")).await,
        ["saidas_caixa 2026-01 10 NF orcamento=10.00 realizado=6.00 a Some(1) Some(\"w\")"]
    );
    assert_eq!(lines(db, Target::SaidasCaixa, None).await.len(), 2);
}
