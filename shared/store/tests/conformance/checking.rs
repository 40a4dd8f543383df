//! Checks, what a person accepted of them, and what the next are made with.

use domain::checks::{Acceptance, Check, CheckName, CheckRecord};
use domain::failure::{Cause, FailureClass};
use domain::job::{JobMessage, Target};
use domain::ledger::{Attempt, AttemptEnd, Requeue, RequeueFilter};
use domain::money::Amount;

use crate::support::*;

fn told(checks: &[CheckRecord]) -> Vec<String> {
    checks
        .iter()
        .map(|check| format!("{} {} {}", check.target, check.name, check.verdict))
        .collect()
}

fn emptied(contratos: &[&str]) -> Check {
    let contratos = contratos.iter().map(|code| (*code).to_owned()).collect();
    Check::failed(
        CheckName::PlausibleContrato,
        "no parcelas any more",
        contratos,
    )
}

/// Ends an attempt whose checks failed.
async fn fail(db: &Db, attempt: &Attempt, checks: Vec<Check>) {
    let end = AttemptEnd::Failed {
        cause: Cause {
            class: FailureClass::Implausible,
            fingerprint: "implausible/plausible-contrato".to_owned(),
            message: "no parcelas any more".to_owned(),
        },
        manifest: None,
        checks,
    };
    db.store.end_attempt(attempt, &end).await.unwrap();
}

fn accepting(accept_change: bool) -> Requeue {
    Requeue {
        filter: RequeueFilter::default(),
        accept_change,
        by: "ana@office".to_owned(),
    }
}

pub async fn checks_are_recorded_with_their_attempt(db: &Db) {
    let mut run = new_run("a", first_quarter());
    run.checks = vec![Check::noted(CheckName::PlausibleCatalogue, "1 is gone").with_samples([9])];
    db.store.record_run(&run).await.unwrap();
    let job = JobMessage::new(run.id.clone(), target(1), first_quarter());
    let first = granted(&*db.store, &job, "w").await.attempt;
    fail(db, &first, vec![emptied(&["11"])]).await;
    let of_first = db.store.checks_of_attempt(target(1), 1).await.unwrap();
    assert_eq!(told(&of_first), ["1 plausible-contrato failed"]);
    assert_eq!(of_first[0].subjects, ["11"]);
    assert_eq!(of_first[0].severity, "fails");

    db.store.requeue(&run.id, &accepting(false)).await.unwrap();
    let second = granted(&*db.store, &job, "w").await.attempt;
    let checks = [
        Check::passed(CheckName::Whole, "1 of 1"),
        Check::noted(CheckName::Once, "2 come twice").with_samples(["x", "y"]),
    ];
    db.store
        .commit_empreendimento(&second, &result(&job.params, &[1], 1), &checks)
        .await
        .unwrap();
    // Of the run only the newest attempt of each job says how it stands.
    let of_run = db.store.checks_of_run(&run.id).await.unwrap();
    let mut of_run_told = told(&of_run);
    of_run_told.sort();
    assert_eq!(
        of_run_told,
        [
            "1 newer-stays passed",
            "1 once noted",
            "1 whole passed",
            "catalogue plausible-catalogue noted",
        ]
    );
    let once = of_run.iter().find(|check| check.name == "once").unwrap();
    assert_eq!(
        (&once.observed[..], &once.samples[..]),
        ("2 come twice", &["x".to_owned(), "y".to_owned()][..])
    );
    assert_eq!(once.expected, CheckName::Once.expected());
}

pub async fn a_failed_attempts_checks_are_accepted_by_name_and_subject(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let accepted = async || granted(&*db.store, &job, "w").await;
    let first = accepted().await;
    assert!(first.accepted.is_empty());
    fail(
        db,
        &first.attempt,
        vec![emptied(&["11", "12"]), Check::passed(CheckName::Whole, "1")],
    )
    .await;
    db.store
        .requeue(&job.run_id, &accepting(true))
        .await
        .unwrap();
    let second = accepted().await;
    let mut expected = Acceptance::default();
    expected.add("plausible-contrato", ["11".to_owned(), "12".to_owned()]);
    assert_eq!(second.accepted, expected);

    // Without asking for it nothing is added, and nothing is taken back.
    fail(db, &second.attempt, vec![emptied(&["13"])]).await;
    db.store
        .requeue(&job.run_id, &accepting(false))
        .await
        .unwrap();
    let third = accepted().await;
    assert_eq!(third.accepted, expected);
    fail(db, &third.attempt, vec![emptied(&["13"])]).await;
    db.store
        .requeue(&job.run_id, &accepting(true))
        .await
        .unwrap();
    expected.add("plausible-contrato", ["13".to_owned()]);
    assert_eq!(accepted().await.accepted, expected);

    let audit = db.store.requeues(target(1), 9).await.unwrap();
    let audit: Vec<_> = audit
        .iter()
        .map(|one| (one.accept_change, one.accepted.as_str()))
        .collect();
    assert_eq!(
        audit,
        [
            (true, "plausible-contrato: 11, 12, 13"),
            (false, ""),
            (true, "plausible-contrato: 11, 12"),
        ]
    );
}

pub async fn what_an_earlier_version_accepted_stays_accepted(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let attempt = granted(&*db.store, &job, "w").await.attempt;
    fail(db, &attempt, Vec::new()).await;
    // As that version left the failure, and as it requeued it.
    db.execute(
        "UPDATE sync_jobs SET class = 'shrunk', fingerprint = 'shrunk/contratos' WHERE target = '1'",
    )
    .await;
    let filter = RequeueFilter::default();
    let failed = db.store.requeueable(&job.run_id, &filter).await.unwrap();
    let class = failed[0].cause.as_ref().map(|cause| cause.class);
    assert_eq!(class, Some(FailureClass::Implausible));
    db.execute("UPDATE sync_jobs SET state = 'queued', accept_shrink = true WHERE target = '1'")
        .await;
    let grant = granted(&*db.store, &job, "w").await;
    assert_eq!(grant.accepted, Acceptance::of_every_fall());

    // And as this one requeues it.
    fail(db, &grant.attempt, Vec::new()).await;
    db.store
        .requeue(&job.run_id, &accepting(true))
        .await
        .unwrap();
    let grant = granted(&*db.store, &job, "w").await;
    assert_eq!(grant.accepted, Acceptance::of_every_fall());
}

pub async fn contratos_are_remembered_with_the_latest_commit(db: &Db) {
    let remembered = async || {
        db.store
            .contratos_at_last_commit(target(1), i64::MAX)
            .await
            .unwrap()
    };
    assert_eq!(remembered().await, []);
    let later = params("2026-01-01", "2026-03-31", "2026-05-01");
    let job = recorded(db, "a", later, target(1)).await;
    commit(db, &job, &result(&job.params, &[7, 8], 1)).await;
    assert_eq!(remembered().await, [memory(7), memory(8)]);

    // An older view of other months is not what the next commit is compared with.
    let other = params("2025-01-01", "2025-03-31", "2026-04-01");
    let job = recorded(db, "b", other, target(1)).await;
    commit(db, &job, &result(&job.params, &[9], 1)).await;
    assert_eq!(remembered().await, [memory(7), memory(8)]);

    let job = recorded(db, "c", later, target(1)).await;
    commit(db, &job, &result(&job.params, &[8], 1)).await;
    assert_eq!(remembered().await, [memory(8)]);
    // An attempt that wakes up late is not compared with what a later one committed.
    let late = db.store.contratos_at_last_commit(target(1), 3).await;
    assert_eq!(late.unwrap(), []);
    // An earlier version that commits remembers nothing: what is older than its commit is unknown.
    db.execute("UPDATE sync_targets SET commit_generation = commit_generation + 1")
        .await;
    assert_eq!(remembered().await, []);
}

pub async fn payables_of_a_window_are_counted(db: &Db) {
    let year = params("2026-01-01", "2026-12-31", "2026-04-01");
    let faturas = vec![
        fatura("1", "NF", "2026-01-10", 1_000, 0),
        fatura("2", "NF", "2026-02-10", 2_000, 0),
        fatura("3", "NF", "2026-03-10", 4_001, 0),
    ];
    commit_faturas(db, "a", year, faturas).await;
    let due = async |start, end| {
        let due = db
            .store
            .faturas_due(
                &params(start, end, "2026-04-01"),
                &domain::job::Payables::default(),
            )
            .await
            .unwrap();
        (due.count, due.valor)
    };
    assert_eq!(
        due("2026-01-11", "2026-03-10").await,
        (2, Amount::from_centavos(6_001))
    );
    assert_eq!(due("2025-01-01", "2025-12-31").await, (0, Amount::ZERO));
    let job = Target::SaidasCaixa;
    assert_eq!(
        db.store
            .contratos_at_last_commit(job, i64::MAX)
            .await
            .unwrap(),
        []
    );
}
