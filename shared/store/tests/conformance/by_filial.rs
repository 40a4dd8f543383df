//! Payables of some filiais alone, and how they are dated.

use domain::job::{Baixa, JobMessage, Payables, RunParams, Target};
use domain::ledger::{Claim, Committed};
use domain::manifest::Manifest;
use domain::tables::{FaturaRow, SaidasCaixaResult};

use crate::support::*;

/// Records a run for the cash out of some filiais, of all when there are none.
async fn recorded_for(db: &Db, name: &str, params: RunParams, payables: Payables) -> JobMessage {
    let mut run = new_run(name, params);
    run.payables = payables.clone();
    db.store.record_run(&run).await.unwrap();
    JobMessage::new(run.id, Target::SaidasCaixa, params).with_payables(payables)
}

fn of(filiais: &[i64]) -> Payables {
    Payables {
        filiais: filiais.iter().copied().map(filial).collect(),
        ..Payables::default()
    }
}

/// Claims and commits; says what was left.
async fn committed(db: &Db, job: &JobMessage, faturas: Vec<FaturaRow>) -> Vec<String> {
    let attempt = granted(&*db.store, job, "w").await.attempt;
    let result = SaidasCaixaResult {
        faturas: vec![faturas],
        manifest: Manifest::default(),
    };
    let committed = db.store.commit_saidas_caixa(&attempt, &result, &[]).await;
    match committed.unwrap() {
        Committed::Applied { kept } => kept,
        Committed::Fenced => panic!("fenced"),
    }
}

/// A fatura of a filial, due on a day of January, wholly open.
fn due(filial_id: i64, ap: &str, day: &str) -> FaturaRow {
    let mut fatura = fatura(ap, "NF", &format!("2026-01-{day}"), 100, 100);
    fatura.key.filial_id = filial(filial_id);
    fatura
}

fn january(as_of: &str) -> RunParams {
    params("2026-01-01", "2026-01-31", as_of)
}

async fn faturas(db: &Db) -> Vec<String> {
    db.texts(
        "SELECT filial_id || ' ' || numero_ap || ' ' || run_id AS value FROM faturas_pagar ORDER BY 1",
    )
    .await
}

async fn saidas(db: &Db) -> Vec<String> {
    db.texts(
        "SELECT filial_id || ' ' || CAST(ROUND(orcamento * 100) AS BIGINT) || ' ' || run_id AS value
         FROM saidas_caixa ORDER BY 1",
    )
    .await
}

pub async fn a_run_of_some_filiais_replaces_theirs_alone(db: &Db) {
    let all = recorded_for(db, "a", january("2026-02-01"), of(&[])).await;
    let listed = vec![due(10, "1", "05"), due(20, "2", "05"), due(20, "3", "06")];
    committed(db, &all, listed).await;

    let some = recorded_for(db, "b", january("2026-02-03"), of(&[20])).await;
    // What another filial has would not be in the answer, and is not taken from it.
    let listed = vec![due(20, "2", "05"), due(10, "9", "05")];
    assert_eq!(committed(db, &some, listed).await, [""; 0]);
    assert_eq!(faturas(db).await, ["10 1 a", "20 2 b"]);
    assert_eq!(saidas(db).await, ["10 100 a", "20 100 b"]);
    let commit = "SELECT commit_run AS value FROM sync_targets WHERE target = 'saidas-caixa'";
    assert_eq!(db.text(commit).await, "a", "it is no view of all");

    // An older view of all filiais leaves that filial's days, and no others.
    let older = recorded_for(db, "c", january("2026-02-02"), of(&[])).await;
    let kept = committed(db, &older, vec![due(10, "4", "07"), due(20, "5", "05")]).await;
    assert_eq!(kept.len(), 31);
    assert_eq!(kept[0], "2026-01-01 of filial 20");
    assert_eq!(faturas(db).await, ["10 4 c", "20 2 b"]);

    // A later one replaces them, and then an older view of that filial alone has nothing to say.
    let later = recorded_for(db, "d", january("2026-02-05"), of(&[])).await;
    assert_eq!(
        committed(db, &later, vec![due(20, "6", "05")]).await,
        [""; 0]
    );
    assert_eq!(faturas(db).await, ["20 6 d"]);
    let older = recorded_for(
        db,
        "e",
        params("2025-12-31", "2026-01-31", "2026-02-04"),
        of(&[20, 10]),
    )
    .await;
    let mut listed = vec![due(20, "7", "05")];
    listed[0].key.data_vencimento = "2025-12-31".parse().unwrap();
    listed.push(due(10, "8", "05"));
    assert_eq!(committed(db, &older, listed).await.len(), 31);
    assert_eq!(faturas(db).await, ["20 6 d", "20 7 e"]);
}

pub async fn the_message_of_a_run_says_what_it_does_about_payables(db: &Db) {
    let payables = Payables {
        baixa: Baixa::Prorrogado,
        ..of(&[10, 20])
    };
    let job = recorded_for(db, "a", first_quarter(), payables.clone()).await;
    let messages = db.store.unfinished(&job.run_id, false).await.unwrap();
    let (cash_out, others): (Vec<_>, Vec<_>) = messages
        .into_iter()
        .partition(|message| message.target == Target::SaidasCaixa);
    assert_eq!(cash_out, std::slice::from_ref(&job));
    assert!(others.iter().all(|message| message.payables.is_default()));
    assert_eq!(
        db.store.run(None).await.unwrap().unwrap().payables,
        payables
    );

    // Another message than the run's is not trusted.
    let other = JobMessage::new(job.run_id.clone(), job.target, job.params);
    let claim = db.store.claim(&other, &worker("w")).await.unwrap();
    assert!(matches!(claim, Claim::Unknown), "{claim:?}");
    granted(&*db.store, &job, "w").await;

    // What an earlier version recorded is about all filiais.
    let earlier = recorded(db, "b", first_quarter(), Target::SaidasCaixa).await;
    db.execute("UPDATE sync_runs SET payables = NULL WHERE id = 'b'")
        .await;
    let messages = db.store.unfinished(&earlier.run_id, false).await.unwrap();
    assert!(messages.contains(&earlier));
}

pub async fn what_is_settled_when_first_seen_is_dated_as_the_run_says(db: &Db) {
    let settled = "SELECT numero_ap || ' ' || data_baixa AS value FROM faturas_pagar
                   WHERE data_baixa IS NOT NULL ORDER BY numero_ap";
    // As a run sees them that never saw them before: extended, plain, and extended but still open.
    let listed = |run: &str| {
        let mut extended = fatura(&format!("{run}1"), "NF", "2026-01-10", 100, 0);
        extended.data_prorrogado = Some("2026-02-20".parse().unwrap());
        let plain = fatura(&format!("{run}2"), "NF", "2026-01-11", 100, 0);
        let mut open = fatura(&format!("{run}3"), "NF", "2026-01-12", 100, 100);
        open.data_prorrogado = Some("2026-02-21".parse().unwrap());
        vec![extended, plain, open]
    };
    for (run, baixa, expected) in [
        ("a", Baixa::Vencimento, ["a1 2026-01-10", "a2 2026-01-11"]),
        ("b", Baixa::Prorrogado, ["b1 2026-02-20", "b2 2026-01-11"]),
    ] {
        let payables = Payables {
            baixa,
            ..Payables::default()
        };
        let job = recorded_for(db, run, first_quarter(), payables).await;
        committed(db, &job, listed(run)).await;
        assert_eq!(db.texts(settled).await, expected, "{baixa}");
    }
    // One seen open is paid when its balance is seen to be zero, whatever the setting.
    let mut faturas = listed("b");
    faturas[2].saldo_atual = centavos(0);
    let payables = Payables {
        baixa: Baixa::Prorrogado,
        ..Payables::default()
    };
    let later = params("2026-01-01", "2026-03-31", "2026-04-07");
    let job = recorded_for(db, "c", later, payables).await;
    committed(db, &job, faturas).await;
    assert_eq!(
        db.texts(settled).await,
        ["b1 2026-02-20", "b2 2026-01-11", "b3 2026-04-07"]
    );
}
