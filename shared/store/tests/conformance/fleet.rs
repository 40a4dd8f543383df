//! Who is alive, and what they are at.

use domain::job::{JobMessage, Target};
use domain::ledger::AttemptEnd;

use crate::support::*;

/// Each living worker with its targets: `one: 2 1, two:`.
async fn fleet(db: &Db) -> String {
    let fleet = db.store.fleet().await.unwrap();
    let one = |worker: &domain::ledger::LivingWorker| {
        let jobs = worker.jobs.iter().map(|job| format!(" {}", job.target));
        format!("{}:{}", worker.id, jobs.collect::<String>())
    };
    fleet.iter().map(one).collect::<Vec<_>>().join(", ")
}

pub async fn the_living_are_told_with_what_they_have_in_hand(db: &Db) {
    assert_eq!(fleet(db).await, "");
    let run = new_run("a", first_quarter());
    db.store.record_run(&run).await.unwrap();
    let job = |target| JobMessage::new(run.id.clone(), target, first_quarter());
    for name in ["one", "two", "three"] {
        beat(db, name).await;
    }
    assert_eq!(fleet(db).await, "one:, two:, three:");

    granted(&*db.store, &job(target(2)), "one").await;
    let returned = granted(&*db.store, &job(target(1)), "one").await.attempt;
    granted(&*db.store, &job(Target::SaidasCaixa), "three").await;
    assert_eq!(fleet(db).await, "one: 2 1, two:, three: saidas-caixa");
    let told = db.store.fleet().await.unwrap();
    let (begun, job_of_one) = (told[0].started_at, &told[0].jobs[0]);
    assert_eq!(
        (&job_of_one.run, &*job_of_one.nome),
        (&run.id, "job 2"),
        "{told:?}"
    );
    assert!(begun <= job_of_one.since, "{told:?}");

    let end = AttemptEnd::Returned;
    db.store.end_attempt(&returned, &end).await.unwrap();
    db.store.worker_stopped(&worker("two")).await.unwrap();
    db.silence(&worker("three")).await;
    assert_eq!(fleet(db).await, "one: 2", "one stopped, one is silent");
    commit(db, &job(target(2)), &result(&first_quarter(), &[1], 1)).await;
    assert_eq!(
        fleet(db).await,
        "one:, w:",
        "whoever claims it is alive too"
    );
}
