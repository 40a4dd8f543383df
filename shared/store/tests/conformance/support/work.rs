//! What producers and workers do, step by step.

use domain::failure::{Cause, FailureClass};
use domain::fleet::Calls;
use domain::job::{JobMessage, RunParams, Target};
use domain::ledger::{Attempt, AttemptEnd, Claim, Committed, Grant, JobRecord, WorkerId};
use domain::manifest::Manifest;
use domain::tables::{EmpreendimentoResult, FaturaRow, SaidasCaixaResult};
use store::Store;

use super::db::Db;
use super::records::{new_run, run_id, worker};

/// What a worker says that has nothing to do.
pub const IDLE: Calls = Calls {
    total: 96,
    pending: 0,
    held: 0,
    cut_off: false,
    learned: None,
};

/// A heartbeat of a worker that has nothing to do.
pub async fn beat(db: &Db, name: &str) {
    db.store.heartbeat(&worker(name), IDLE).await.unwrap();
}

/// Records a run and gives its message for a target.
pub async fn recorded(db: &Db, name: &str, params: RunParams, target: Target) -> JobMessage {
    db.store.record_run(&new_run(name, params)).await.unwrap();
    JobMessage::new(run_id(name), target, params)
}

pub async fn granted(store: &dyn Store, job: &JobMessage, by: &str) -> Grant {
    match store.claim(job, &worker(by)).await.unwrap() {
        Claim::Granted(grant) => *grant,
        other => panic!("not granted: {other:?}"),
    }
}

/// Claims and commits an empreendimento's result.
pub async fn commit(db: &Db, job: &JobMessage, result: &EmpreendimentoResult) -> Attempt {
    let attempt = granted(&*db.store, job, "w").await.attempt;
    let committed = db
        .store
        .commit_empreendimento(&attempt, result, &[])
        .await
        .unwrap();
    assert!(matches!(committed, Committed::Applied { .. }));
    attempt
}

/// Records a run for the cash out, claims it and commits.
pub async fn commit_faturas(db: &Db, run: &str, params: RunParams, faturas: Vec<FaturaRow>) {
    let job = recorded(db, run, params, Target::SaidasCaixa).await;
    let attempt = granted(&*db.store, &job, "w").await.attempt;
    let result = SaidasCaixaResult {
        faturas: vec![faturas],
        manifest: Manifest::default(),
    };
    let committed = db
        .store
        .commit_saidas_caixa(&attempt, &result, &[])
        .await
        .unwrap();
    assert!(matches!(committed, Committed::Applied { .. }));
}

/// The worker that holds a job's target, as a claim by another finds it.
pub async fn holder(db: &Db, job: &JobMessage, by: &str) -> WorkerId {
    match db.store.claim(job, &worker(by)).await.unwrap() {
        Claim::Held { by, .. } => by,
        other => panic!("not held: {other:?}"),
    }
}

/// Ends an attempt without a commit.
pub async fn end(db: &Db, attempt: &Attempt, end: AttemptEnd) {
    db.store.end_attempt(attempt, &end).await.unwrap();
}

/// A job as its run lists it.
pub async fn record(db: &Db, job: &JobMessage) -> JobRecord {
    let jobs = db.store.jobs(&job.run_id).await.unwrap();
    jobs.into_iter()
        .find(|record| record.target == job.target)
        .unwrap()
}

/// Why an attempt failed.
pub fn cause(fingerprint: &str) -> Cause {
    Cause {
        class: FailureClass::Data,
        fingerprint: fingerprint.to_owned(),
        message: "parcela 7: vlr_pago: not a number".to_owned(),
    }
}
