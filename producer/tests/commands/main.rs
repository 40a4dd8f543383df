//! The commands over a real ledger, in a SQLite file, and a queue in memory.

mod bench;
mod causes;
mod lost;

use std::sync::Arc;

use chrono::Utc;
use domain::job::Target;
use domain::records::Rejection;
use producer::backfill;
use producer::cli::{Cli, Command};
use producer::console::Program;
use producer::enqueue::Enqueuer;
use producer::exit::{CommandError, Exit};
use producer::plan::Request;

use crate::bench::{Bench, Broker, arguments, catalogue, enqueuer, refuse, target};

#[tokio::test]
async fn a_backfill_records_publishes_and_prints_its_run() {
    let (mut bench, broker) = (Bench::new().await, Broker::new());
    let run = bench.backfill(&broker).await.unwrap().unwrap();
    assert_eq!(bench.out(), format!("{run}\n"));
    assert_eq!(broker.take(), "saidas-caixa 3 5 7");
    assert_eq!(bench.status("").await.unwrap(), Exit::Done);
    assert!(
        bench
            .out()
            .contains("queued and no worker on it, 0 of 4 jobs done"),
        "{}",
        bench.out()
    );

    assert_eq!(bench.resume(&broker).await.unwrap(), Exit::Done);
    assert_eq!(broker.take(), "", "everything was confirmed");
}

#[tokio::test]
async fn a_run_recorded_by_a_producer_that_died_is_published_by_resume() {
    let (mut bench, broker) = (Bench::new().await, Broker::new());
    let error = bench.backfill(&Broker::leaving_after(0)).await.unwrap_err();
    assert!(
        matches!(
            error,
            CommandError::Unpublished {
                left: 4,
                total: 4,
                ..
            }
        ),
        "{error}"
    );
    assert_eq!(bench.out(), "", "a run that is not whole is not announced");

    bench.status("").await.unwrap();
    assert!(
        bench.out().contains("not fully published, 4 messages"),
        "{}",
        bench.out()
    );
    bench.resume(&broker).await.unwrap();
    assert_eq!(broker.take(), "saidas-caixa 3 5 7");
}

#[tokio::test]
async fn a_broker_lost_halfway_costs_no_message_and_no_order() {
    let (mut bench, broker) = (Bench::new().await, Broker::new());
    let half = Broker::leaving_after(2);
    let error = bench.backfill(&half).await.unwrap_err();
    assert_eq!(error.exit(), Exit::Away);
    let hint = error.hint(Program::Producer).unwrap();
    assert!(hint.contains("producer resume --run "), "{hint}");
    assert_eq!(half.take(), "saidas-caixa 3");

    bench.resume(&broker).await.unwrap();
    assert_eq!(
        broker.take(),
        "5 7",
        "what was confirmed is not published again"
    );
}

#[tokio::test]
async fn a_queue_that_forgot_is_filled_with_all_that_is_open() {
    let mut bench = Bench::new().await;
    let run = bench.backfill(&Broker::new()).await.unwrap().unwrap();
    bench.fail(&run, target(5)).await;
    let (store, broker) = (Arc::clone(&bench.store), Broker::new());
    let enqueuer = Enqueuer {
        published_too: true,
        ..enqueuer(&*store, &broker)
    };
    assert_eq!(enqueuer.publish_unfinished(&run).await.unwrap(), 3);
    assert_eq!(broker.take(), "saidas-caixa 3 7");
}

#[tokio::test]
async fn failed_jobs_are_listed_and_requeued_once() {
    let (mut bench, broker) = (Bench::new().await, Broker::new());
    let run = bench.backfill(&broker).await.unwrap().unwrap();
    broker.take();
    assert_eq!(bench.failed("").await.unwrap(), Exit::Done);
    assert!(
        bench.err().contains("nothing failed in run"),
        "{}",
        bench.err()
    );

    bench.fail(&run, target(5)).await;
    assert_eq!(bench.failed("").await.unwrap(), Exit::Failed);
    assert!(bench.out().contains("Residencial 5"), "{}", bench.out());
    assert!(
        bench.out().contains("data: 12 of 300 records rejected"),
        "{}",
        bench.out()
    );

    let before = bench.states(&run).await;
    bench.requeue(&broker, "--dry-run").await.unwrap();
    assert!(bench.out().contains("Residencial 5"), "{}", bench.out());
    assert_eq!(
        (bench.states(&run).await, broker.take()),
        (before, String::new())
    );

    bench.requeue(&broker, "").await.unwrap();
    assert!(
        bench.err().contains("1 job requeued, 1 message published"),
        "{}",
        bench.err()
    );
    assert_eq!(broker.take(), "5");
    bench.requeue(&broker, "").await.unwrap();
    assert!(
        bench.err().contains("nothing was requeued"),
        "{}",
        bench.err()
    );
    assert_eq!(broker.take(), "");
}

#[tokio::test]
async fn a_requeue_cut_short_is_finished_by_repeating_it() {
    let (mut bench, broker) = (Bench::new().await, Broker::new());
    let run = bench.backfill(&broker).await.unwrap().unwrap();
    broker.take();
    bench.fail(&run, target(3)).await;
    bench.fail(&run, target(7)).await;
    bench
        .requeue(&Broker::leaving_after(0), "")
        .await
        .unwrap_err();
    bench.requeue(&broker, "").await.unwrap();
    assert_eq!(broker.take(), "3 7");
}

#[tokio::test]
async fn a_requeue_of_what_did_not_fail_changes_nothing() {
    let (mut bench, broker) = (Bench::new().await, Broker::new());
    let run = bench.backfill(&broker).await.unwrap().unwrap();
    broker.take();
    bench.fail(&run, target(5)).await;
    let before = bench.states(&run).await;
    let error = bench
        .requeue(&broker, "--empreendimento-ids 3,5,99")
        .await
        .unwrap_err();
    assert_eq!(error.exit(), Exit::Usage);
    let wanted = format!("not failed in run {run}: 3 is queued, 99 is not part of it");
    assert_eq!(error.to_string(), wanted);
    assert_eq!(
        (bench.states(&run).await, broker.take()),
        (before, String::new())
    );

    bench
        .requeue(&broker, "--empreendimento-ids 5")
        .await
        .unwrap();
    assert_eq!(broker.take(), "5");
}

#[tokio::test]
async fn watching_ends_with_the_run() {
    let (mut bench, broker) = (Bench::new().await, Broker::new());
    let run = bench.backfill(&broker).await.unwrap().unwrap();
    for target in [Target::SaidasCaixa, target(3), target(5), target(7)] {
        bench.fail(&run, target).await;
    }
    assert_eq!(bench.status("--watch").await.unwrap(), Exit::Failed);
    assert!(
        bench.out().contains("4 of 4 jobs failed"),
        "{}",
        bench.out()
    );
}

#[tokio::test]
async fn watching_ends_when_only_a_person_can_go_on() {
    let (mut bench, broker) = (Bench::new().await, Broker::new());
    bench.backfill(&broker).await.unwrap().unwrap();
    refuse(&*bench.store).await;
    assert_eq!(bench.status("--watch").await.unwrap(), Exit::SignIn);
    assert!(
        bench.out().contains("producer signin --retry"),
        "{}",
        bench.out()
    );
}

#[tokio::test]
async fn a_refused_sign_in_stands_until_it_is_lifted() {
    let mut bench = Bench::new().await;
    assert_eq!(bench.signin(false).await, Exit::Done);
    refuse(&*bench.store).await;
    assert_eq!(bench.signin(false).await, Exit::SignIn);
    assert!(bench.out().contains("401"), "{}", bench.out());
    assert_eq!(bench.signin(true).await, Exit::Done);
    assert_eq!(bench.signin(false).await, Exit::Done);
}

#[tokio::test]
async fn a_ledger_without_the_run_says_so() {
    let mut bench = Bench::new().await;
    let none = bench.status("").await.unwrap_err();
    assert_eq!(
        (none.to_string().as_str(), none.exit()),
        ("no run yet", Exit::Usage)
    );
    bench.backfill(&Broker::new()).await.unwrap();
    let unknown = bench
        .status("--run 20260101-000000-nobody")
        .await
        .unwrap_err();
    let text = unknown.to_string();
    assert_eq!(
        (text.as_str(), unknown.exit()),
        ("there is no run 20260101-000000-nobody", Exit::Usage)
    );
}

#[tokio::test]
async fn an_unreadable_empreendimento_is_not_left_out_in_silence() {
    let bench = Bench::new().await;
    let line = "producer backfill --start-date 2026-01-01";
    let request = Request::resolve(&arguments!(line, Backfill), Utc::now()).unwrap();
    let rejection = Rejection {
        code: Some(9),
        reason: "codigoFilial: missing".to_owned(),
        amount: None,
    };
    let error = backfill::plan(&*bench.store, &request, (catalogue(), vec![rejection]))
        .await
        .unwrap_err();
    assert_eq!(error.exit(), Exit::Other);
    assert!(
        error.to_string().contains("9 (codigoFilial: missing)"),
        "{error}"
    );
}
