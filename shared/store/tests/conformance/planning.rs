//! Runs, their catalogue and their jobs.

use chrono::Utc;
use domain::job::{JobMessage, RunId, Target};
use domain::ledger::{
    AttemptEnd, JobRecord, JobState, NewRun, Requeue, RequeueFilter, RequeueRecord,
};

use crate::support::*;

pub async fn a_run_is_recorded_whole_and_once(db: &Db) {
    assert_eq!(db.store.run(None).await.unwrap(), None);
    let run = new_run("a", first_quarter());
    db.store.record_run(&run).await.unwrap();
    // The answer was lost, and the producer asks again.
    db.store.record_run(&run).await.unwrap();
    let urgent = NewRun {
        urgent: true,
        ..new_run("b", first_quarter())
    };
    db.store.record_run(&urgent).await.unwrap();

    let newest = db.store.run(None).await.unwrap().unwrap();
    assert_eq!((newest.id, newest.params), (run_id("b"), first_quarter()));
    let found = db.store.run(Some(&run.id)).await.unwrap().unwrap();
    assert!(newest.urgent && !found.urgent);
    assert!(found.id == run.id && found.created_at < newest.created_at);
    assert_eq!(db.store.run(Some(&run_id("c"))).await.unwrap(), None);

    let jobs = db.store.jobs(&run.id).await.unwrap();
    let expected: Vec<_> = run
        .jobs
        .iter()
        .map(|job| (job.target, &*job.nome))
        .collect();
    let listed: Vec<_> = jobs.iter().map(|job| (job.target, &*job.nome)).collect();
    assert_eq!(listed, expected);
    assert!(
        jobs.iter()
            .all(|job| job.state == JobState::Queued && job.published_at.is_none())
    );
}

pub async fn the_catalogue_leaves_activity_alone(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let active = "SELECT id || ' ' || CAST(is_active AS INTEGER) AS value
                  FROM empreendimentos UNION ALL
                  SELECT id || ' ' || CAST(is_active AS INTEGER) FROM filiais ORDER BY value";
    assert_eq!(
        db.texts(active).await,
        ["1 0", "10 0", "2 0", "20 0", "3 0"]
    );
    commit(db, &job, &result(&job.params, &[1], 1)).await;
    assert_eq!(
        db.texts(active).await,
        ["1 1", "10 1", "2 0", "20 0", "3 0"]
    );
    let synced = "SELECT last_synced_at AS value FROM empreendimentos WHERE id = 1";
    let before = db.text(synced).await;

    let mut run = new_run("b", first_quarter());
    run.empreendimentos[0].nome = "Renamed".to_owned();
    db.store.record_run(&run).await.unwrap();
    assert_eq!(
        db.texts(active).await,
        ["1 1", "10 1", "2 0", "20 0", "3 0"]
    );
    assert_eq!(db.text(synced).await, before);
    assert_eq!(
        db.text("SELECT nome AS value FROM empreendimentos WHERE id = 1")
            .await,
        "Renamed"
    );
}

pub async fn an_empreendimento_that_moves_takes_its_activity_along(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    commit(db, &job, &result(&job.params, &[1], 1)).await;
    let mut run = new_run("b", first_quarter());
    run.empreendimentos[0].filial_id = filial(20);
    db.store.record_run(&run).await.unwrap();
    assert_eq!(
        db.texts("SELECT CAST(is_active AS INTEGER) AS value FROM filiais ORDER BY id")
            .await,
        ["0", "1"]
    );
}

pub async fn unpublished_messages_can_be_found(db: &Db) {
    let job = recorded(db, "a", first_quarter(), target(1)).await;
    let message = |target| JobMessage::new(run_id("a"), target, first_quarter());
    let all = [target(2), target(1), target(3), Target::SaidasCaixa].map(message);
    let unfinished = async |published_too| {
        db.store
            .unfinished(&job.run_id, published_too)
            .await
            .unwrap()
    };
    assert_eq!(unfinished(false).await, all);
    db.store
        .mark_published(&job.run_id, target(2))
        .await
        .unwrap();
    assert_eq!(unfinished(false).await, all[1..]);
    assert_eq!(unfinished(true).await, all);
    commit(db, &job, &result(&job.params, &[1], 1)).await;
    assert_eq!(unfinished(false).await, all[2..]);
    assert_eq!(unfinished(true).await.len(), 3);
    assert!(
        db.store.jobs(&job.run_id).await.unwrap()[0]
            .published_at
            .is_some()
    );
}

async fn fail(db: &Db, run: &RunId, target: Target, fingerprint: &str) {
    let job = JobMessage::new(run.clone(), target, first_quarter());
    for end in [
        AttemptEnd::Retry {
            cause: cause("transient/timeout"),
            at: Utc::now(),
        },
        AttemptEnd::Deferred {
            cause: cause("erp-away/circuit"),
            at: Utc::now(),
        },
        AttemptEnd::Failed {
            cause: cause(fingerprint),
            manifest: None,
            checks: Vec::new(),
        },
    ] {
        let attempt = granted(&*db.store, &job, "w").await.attempt;
        db.store.end_attempt(&attempt, &end).await.unwrap();
    }
    db.store.mark_published(run, target).await.unwrap();
}

pub async fn failed_jobs_are_requeued_with_fresh_budgets(db: &Db) {
    let run = run_id("a");
    db.store
        .record_run(&new_run("a", first_quarter()))
        .await
        .unwrap();
    fail(db, &run, target(1), "data/a").await;
    fail(db, &run, target(2), "data/b").await;
    fail(db, &run, Target::SaidasCaixa, "data/b").await;

    let picks = async |empreendimentos: &[i64], fingerprint: Option<&str>| {
        let filter = RequeueFilter {
            empreendimentos: empreendimentos
                .iter()
                .copied()
                .map(empreendimento)
                .collect(),
            fingerprint: fingerprint.map(str::to_owned),
        };
        let picked = db.store.requeueable(&run, &filter).await.unwrap();
        picked
            .iter()
            .map(|job: &JobRecord| job.target.to_string())
            .collect::<Vec<_>>()
    };
    assert_eq!(picks(&[], None).await, ["2", "1", "saidas-caixa"]);
    assert_eq!(picks(&[1, 3], None).await, ["1"]);
    assert_eq!(picks(&[], Some("data/b")).await, ["2", "saidas-caixa"]);
    assert_eq!(picks(&[1], Some("data/b")).await, [""; 0]);

    let only = Requeue {
        filter: RequeueFilter {
            empreendimentos: vec![empreendimento(1), empreendimento(12)],
            fingerprint: None,
        },
        accept_change: true,
        by: "ana@office".to_owned(),
    };
    assert_eq!(db.store.requeue(&run, &only).await.unwrap(), 1);
    assert_eq!(db.store.requeue(&run, &only).await.unwrap(), 0);
    let jobs = db.store.jobs(&run).await.unwrap();
    let (left, requeued) = (&jobs[0], &jobs[1]);
    assert_eq!((left.state, left.errors), (JobState::Failed, 2));
    assert_eq!(requeued.state, JobState::Queued);
    assert_eq!(
        (requeued.errors, requeued.crashes, requeued.deferrals),
        (0, 0, 0)
    );
    assert_eq!((requeued.published_at, requeued.finished_at), (None, None));
    assert_eq!(requeued.cause, Some(cause("data/a")));
    let job = JobMessage::new(run.clone(), target(1), first_quarter());
    assert!(
        db.store
            .unfinished(&run, false)
            .await
            .unwrap()
            .contains(&job)
    );
    assert!(granted(&*db.store, &job, "w").await.accepted.is_empty());

    let by_cause = Requeue {
        filter: RequeueFilter {
            fingerprint: Some("data/b".to_owned()),
            ..RequeueFilter::default()
        },
        by: "rui@home".to_owned(),
        ..Requeue::default()
    };
    assert_eq!(db.store.requeue(&run, &by_cause).await.unwrap(), 2);
    let audit = "SELECT run_id || ' ' || target || ' ' || by || ' ' || fingerprint || ' '
                        || CAST(accept_shrink AS INTEGER) || ' ' || filter AS value
                 FROM sync_requeues ORDER BY at, target";
    assert_eq!(
        db.texts(audit).await,
        [
            "a 1 ana@office data/a 1 empreendimentos 1,12",
            "a 2 rui@home data/b 0 cause data/b",
            "a saidas-caixa rui@home data/b 0 cause data/b",
        ]
    );
    // As it is told: of one target, the newest first.
    let told = db.store.requeues(target(2), 5).await.unwrap();
    let [
        RequeueRecord {
            run: of,
            by,
            fingerprint: Some(fingerprint),
            accept_change: false,
            filter,
            ..
        },
    ] = &told[..]
    else {
        panic!("{told:?}");
    };
    assert_eq!(
        (of, &by[..], &fingerprint[..], &filter[..]),
        (&run, "rui@home", "data/b", "cause data/b")
    );
    let job = JobMessage::new(run, target(2), first_quarter());
    assert!(granted(&*db.store, &job, "w").await.accepted.is_empty());
}

pub async fn each_targets_newest_job_is_counted_by_state(db: &Db) {
    let counts = async || {
        let mut counts = db.store.jobs_by_state().await.unwrap();
        counts.sort_by_key(|(state, _)| state.name());
        counts
    };
    assert_eq!(counts().await, []);
    let job = recorded(db, "a", first_quarter(), target(3)).await;
    commit(db, &job, &result(&job.params, &[7], 1)).await;
    let of_a = [(JobState::Done, 1), (JobState::Queued, 3)];
    assert_eq!(counts().await, of_a);
    recorded(db, "b", first_quarter(), target(3)).await;
    assert_eq!(counts().await, [(JobState::Queued, 4)]);

    // Of runs long ago nothing is told.
    db.execute("UPDATE sync_runs SET created_at = '2020-01-01T00:00:00+00:00' WHERE id = 'b'")
        .await;
    assert_eq!(counts().await, of_a);
}

pub async fn the_last_commits_are_known(db: &Db) {
    assert!(db.store.last_costs().await.unwrap().is_empty());
    let job = recorded(db, "a", first_quarter(), target(3)).await;
    commit(db, &job, &result(&job.params, &[7, 8, 9], 1)).await;
    commit_faturas(db, "b", first_quarter(), Vec::new()).await;
    granted(
        &*db.store,
        &JobMessage::new(run_id("a"), target(1), first_quarter()),
        "w",
    )
    .await;

    let costs = db.store.last_costs().await.unwrap();
    assert_eq!(
        (costs.len(), costs[&target(3)], costs[&Target::SaidasCaixa]),
        (2, 3, 0)
    );
}

pub async fn ipca_is_read_exactly(db: &Db) {
    assert_eq!(db.store.ipca().await.unwrap(), []);
    db.execute("INSERT INTO ipca_mensal VALUES ('2026-02', 0.10), ('2026-01', -0.33)")
        .await;
    let indices = db.store.ipca().await.unwrap();
    let read: Vec<_> = indices
        .iter()
        .map(|(month, index)| format!("{month} {}", index.normalize()))
        .collect();
    assert_eq!(read, ["2026-01 -0.33", "2026-02 0.1"]);
}
