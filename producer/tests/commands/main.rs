//! The commands over a real ledger, in a SQLite file, and a queue in memory.

mod causes;
mod fixture;
mod lost;
mod pausing;

use std::sync::Arc;

use chrono::Utc;
use domain::job::Target;
use domain::ledger::operator;
use domain::records::Rejection;
use producer::commands::backfill;
use producer::error::CommandError;
use producer::exit::Exit;
use producer::plan::Request;
use producer::program::Program;
use producer::publish::{Enqueuer, Publishing};

use crate::fixture::{Broker, Fixture, arguments, catalogue, enqueuer, refuse, target};

#[tokio::test]
async fn a_backfill_records_publishes_and_prints_its_run() {
    let (mut fixture, broker) = (Fixture::new().await, Broker::new());
    let run = fixture.backfill(&broker).await.unwrap().unwrap();
    assert_eq!(fixture.out(), format!("{run}\n"));
    assert_eq!(broker.take(), "saidas-caixa 3 5 7");
    assert_eq!(fixture.status("").await.unwrap(), Exit::Done);
    assert!(
        fixture
            .out()
            .contains("queued and no worker on it, 0 of 4 jobs done"),
        "{}",
        fixture.out()
    );

    assert_eq!(fixture.resume(&broker).await.unwrap(), Exit::Done);
    assert_eq!(broker.take(), "", "everything was confirmed");
    assert_eq!(fixture.resumed_by(&run).await, [""; 0]);
}

#[tokio::test]
async fn a_run_recorded_by_a_producer_that_died_is_published_by_resume() {
    let (mut fixture, broker) = (Fixture::new().await, Broker::new());
    let error = fixture
        .backfill(&Broker::leaving_after(0))
        .await
        .unwrap_err();
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
    assert_eq!(
        fixture.out(),
        "",
        "a run that is not whole is not announced"
    );

    fixture.status("").await.unwrap();
    assert!(
        fixture.out().contains("not fully published, 4 messages"),
        "{}",
        fixture.out()
    );
    fixture.resume(&broker).await.unwrap();
    assert_eq!(broker.take(), "saidas-caixa 3 5 7");
}

#[tokio::test]
async fn the_messages_of_an_urgent_run_stay_urgent_whoever_publishes_them() {
    let (mut fixture, broker) = (Fixture::new().await, Broker::new());
    let half = Broker::leaving_after(1);
    let flags = "--empreendimento-ids 3,5 --urgent";
    fixture.backfill_with(&half, flags).await.unwrap_err();
    assert_eq!(half.take(), "3!");
    fixture.resume(&broker).await.unwrap();
    assert_eq!(broker.take(), "5!");

    let run = fixture.store.run(None).await.unwrap().unwrap().id;
    fixture.fail(&run, target(3)).await;
    fixture.requeue(&broker, "").await.unwrap();
    assert_eq!(broker.take(), "3!");
    fixture.status("").await.unwrap();
    let told = "urgent    done before the jobs of other runs";
    assert!(fixture.out().contains(told), "{}", fixture.out());

    fixture.backfill(&broker).await.unwrap();
    assert_eq!(broker.take(), "saidas-caixa 3 5 7", "and no other run's");
}

#[tokio::test]
async fn a_broker_lost_halfway_costs_no_message_and_no_order() {
    let (mut fixture, broker) = (Fixture::new().await, Broker::new());
    let half = Broker::leaving_after(2);
    let error = fixture.backfill(&half).await.unwrap_err();
    assert_eq!(error.exit(), Exit::Away);
    let hint = error.hint(Program::Producer).unwrap();
    assert!(hint.contains("producer resume --run "), "{hint}");
    assert_eq!(half.take(), "saidas-caixa 3");

    fixture.resume(&broker).await.unwrap();
    assert_eq!(
        broker.take(),
        "5 7",
        "what was confirmed is not published again"
    );
}

#[tokio::test]
async fn who_resumes_a_run_is_recorded_where_any_message_was_published() {
    let mut fixture = Fixture::new().await;
    fixture
        .backfill(&Broker::leaving_after(1))
        .await
        .unwrap_err();
    let run = fixture.store.run(None).await.unwrap().unwrap().id;
    let none = Broker::leaving_after(0);
    fixture.resume(&none).await.unwrap_err();
    assert_eq!(fixture.resumed_by(&run).await, [""; 0]);

    // The broker goes away halfway: what it confirmed is in the queue.
    let some = Broker::leaving_after(2);
    fixture.resume(&some).await.unwrap_err();
    assert_eq!(some.take(), "3 5");
    assert_eq!(fixture.resumed_by(&run).await, [operator()]);

    fixture.resume(&Broker::new()).await.unwrap();
    assert_eq!(fixture.resumed_by(&run).await, [operator(), operator()]);
    fixture.resume(&Broker::new()).await.unwrap();
    assert_eq!(fixture.resumed_by(&run).await.len(), 2, "nothing was left");
}

#[tokio::test]
async fn a_queue_that_forgot_is_filled_with_all_that_is_open() {
    let mut fixture = Fixture::new().await;
    let run = fixture.backfill(&Broker::new()).await.unwrap().unwrap();
    fixture.fail(&run, target(5)).await;
    let (store, broker) = (Arc::clone(&fixture.store), Broker::new());
    let enqueuer = Enqueuer {
        publishing: Publishing::All,
        ..enqueuer(&*store, &broker)
    };
    assert_eq!(enqueuer.publish_unfinished(&run).await.unwrap(), 3);
    assert_eq!(broker.take(), "saidas-caixa 3 7");
}

#[tokio::test]
async fn failed_jobs_are_listed_and_requeued_once() {
    let (mut fixture, broker) = (Fixture::new().await, Broker::new());
    let run = fixture.backfill(&broker).await.unwrap().unwrap();
    broker.take();
    assert_eq!(fixture.failed("").await.unwrap(), Exit::Done);
    assert!(
        fixture.err().contains("nothing failed in run"),
        "{}",
        fixture.err()
    );

    fixture.fail(&run, target(5)).await;
    assert_eq!(fixture.failed("").await.unwrap(), Exit::Failed);
    assert!(fixture.out().contains("Residencial 5"), "{}", fixture.out());
    assert!(
        fixture.out().contains("data: 12 of 300 records rejected"),
        "{}",
        fixture.out()
    );

    let before = fixture.states(&run).await;
    fixture.requeue(&broker, "--dry-run").await.unwrap();
    assert!(fixture.out().contains("Residencial 5"), "{}", fixture.out());
    assert_eq!(
        (fixture.states(&run).await, broker.take()),
        (before, String::new())
    );

    fixture.requeue(&broker, "").await.unwrap();
    assert!(
        fixture
            .err()
            .contains("1 job requeued, 1 message published"),
        "{}",
        fixture.err()
    );
    assert_eq!(broker.take(), "5");
    fixture.requeue(&broker, "").await.unwrap();
    assert!(
        fixture.err().contains("nothing was requeued"),
        "{}",
        fixture.err()
    );
    assert_eq!(broker.take(), "");
}

#[tokio::test]
async fn a_requeue_cut_short_is_finished_by_repeating_it() {
    let (mut fixture, broker) = (Fixture::new().await, Broker::new());
    let run = fixture.backfill(&broker).await.unwrap().unwrap();
    broker.take();
    fixture.fail(&run, target(3)).await;
    fixture.fail(&run, target(7)).await;
    fixture
        .requeue(&Broker::leaving_after(0), "")
        .await
        .unwrap_err();
    fixture.requeue(&broker, "").await.unwrap();
    assert_eq!(broker.take(), "3 7");
}

#[tokio::test]
async fn a_requeue_of_what_did_not_fail_changes_nothing() {
    let (mut fixture, broker) = (Fixture::new().await, Broker::new());
    let run = fixture.backfill(&broker).await.unwrap().unwrap();
    broker.take();
    fixture.fail(&run, target(5)).await;
    let before = fixture.states(&run).await;
    let error = fixture
        .requeue(&broker, "--empreendimento-ids 3,5,99")
        .await
        .unwrap_err();
    assert_eq!(error.exit(), Exit::Usage);
    let wanted = format!("not failed in run {run}: 3 is queued, 99 is not in the run");
    assert_eq!(error.to_string(), wanted);
    assert_eq!(
        (fixture.states(&run).await, broker.take()),
        (before, String::new())
    );

    fixture
        .requeue(&broker, "--empreendimento-ids 5")
        .await
        .unwrap();
    assert_eq!(broker.take(), "5");
}

#[tokio::test]
async fn watching_ends_with_the_run() {
    let (mut fixture, broker) = (Fixture::new().await, Broker::new());
    let run = fixture.backfill(&broker).await.unwrap().unwrap();
    for target in [Target::SaidasCaixa, target(3), target(5), target(7)] {
        fixture.fail(&run, target).await;
    }
    assert_eq!(fixture.status("--watch").await.unwrap(), Exit::Failed);
    assert!(
        fixture.out().contains("4 of 4 jobs failed"),
        "{}",
        fixture.out()
    );
}

#[tokio::test]
async fn watching_ends_when_only_a_person_can_go_on() {
    let (mut fixture, broker) = (Fixture::new().await, Broker::new());
    fixture.backfill(&broker).await.unwrap().unwrap();
    refuse(&*fixture.store).await;
    assert_eq!(fixture.status("--watch").await.unwrap(), Exit::SignIn);
    assert!(
        fixture.out().contains("producer signin --retry"),
        "{}",
        fixture.out()
    );
}

#[tokio::test]
async fn a_refused_sign_in_stands_until_it_is_lifted() {
    let mut fixture = Fixture::new().await;
    assert_eq!(fixture.signin(false).await, Exit::Done);
    refuse(&*fixture.store).await;
    assert_eq!(fixture.signin(false).await, Exit::SignIn);
    assert!(fixture.out().contains("401"), "{}", fixture.out());
    assert_eq!(fixture.signin(true).await, Exit::Done);
    assert_eq!(fixture.signin(false).await, Exit::Done);
    assert_eq!(fixture.signin(true).await, Exit::Done);
    assert_eq!(fixture.lifted_by().await, [operator()], "and once");
}

#[tokio::test]
async fn a_ledger_without_the_run_says_so() {
    let mut fixture = Fixture::new().await;
    let none = fixture.status("").await.unwrap_err();
    assert_eq!(
        (none.to_string().as_str(), none.exit()),
        ("no run yet", Exit::Usage)
    );
    fixture.backfill(&Broker::new()).await.unwrap();
    let unknown = fixture
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
    let fixture = Fixture::new().await;
    let args = arguments("--start-date 2026-01-01");
    let request = Request::resolve(&args, Utc::now()).unwrap();
    let rejection = Rejection {
        code: Some(9),
        reason: "codigoFilial: missing".to_owned(),
        amount: None,
    };
    let error = backfill::plan(&*fixture.store, &request, (catalogue(), vec![rejection]))
        .await
        .unwrap_err();
    assert_eq!(error.exit(), Exit::Other);
    assert!(
        error.to_string().contains("9 (codigoFilial: missing)"),
        "{error}"
    );
}
