//! What failed, by cause, and done again by cause.

use domain::job::RunId;
use domain::ledger::{JobState, Requeue, RequeueFilter};
use producer::exit::Exit;

use crate::fixture::{Broker, Fixture, target};

const ERP: (&str, &str) = ("data/http-422", "the ERP refuses contrato 12");

/// A run with two causes: one of 3 and 7, another of 5.
async fn with_two_causes(fixture: &mut Fixture, broker: &Broker) -> RunId {
    let run = fixture.backfill(broker).await.unwrap().unwrap();
    broker.take();
    fixture.fail(&run, target(5)).await;
    fixture.fail_because(&run, target(3), ERP).await;
    fixture.fail_because(&run, target(7), ERP).await;
    run
}

#[tokio::test]
async fn causes_are_listed_the_most_frequent_first() {
    let (mut fixture, broker) = (Fixture::new().await, Broker::new());
    let run = with_two_causes(&mut fixture, &broker).await;
    assert_eq!(fixture.failed("--group").await.unwrap(), Exit::Failed);
    let lines: Vec<_> = fixture.out().lines().collect();
    assert!(
        lines[0].starts_with("data/http-422  2 jobs, 20"),
        "{lines:?}"
    );
    assert_eq!(lines[1], "    3 Residencial 3: the ERP refuses contrato 12");
    assert!(
        lines[2].starts_with("data/rejected  1 job, 20"),
        "{lines:?}"
    );

    assert_eq!(
        fixture.failed("--group --json").await.unwrap(),
        Exit::Failed
    );
    let json: serde_json::Value = serde_json::from_str(fixture.out()).unwrap();
    assert_eq!(json["run"], run.as_str());
    let cause = &json["causes"][0];
    assert_eq!(cause["fingerprint"], ERP.0);
    assert_eq!(
        (&cause["count"], &cause["class"]),
        (&2.into(), &"data".into())
    );
    assert_eq!(cause["example"]["target"], "3");
    assert!(cause["first_seen"].as_str() <= cause["last_seen"].as_str());
}

#[tokio::test]
async fn one_cause_is_requeued_and_the_others_stay() {
    let (mut fixture, broker) = (Fixture::new().await, Broker::new());
    let run = with_two_causes(&mut fixture, &broker).await;
    let before = fixture.states(&run).await;
    fixture
        .requeue(&broker, "--cause data/http-422 --dry-run")
        .await
        .unwrap();
    assert!(fixture.out().contains("Residencial 7"), "{}", fixture.out());
    assert!(
        !fixture.out().contains("Residencial 5"),
        "{}",
        fixture.out()
    );
    assert_eq!(
        (fixture.states(&run).await, broker.take()),
        (before, String::new())
    );

    fixture
        .requeue(&broker, "--cause data/http-422")
        .await
        .unwrap();
    assert_eq!(broker.take(), "3 7");
    use JobState::{Failed, Queued};
    assert_eq!(
        fixture.states(&run).await,
        [Queued, Queued, Failed, Queued],
        "the cash out, 3, 5 and 7"
    );
    fixture
        .requeue(&broker, "--cause data/http-422")
        .await
        .unwrap();
    let nothing = format!("nothing failed for the cause data/http-422 in run {run}");
    assert!(fixture.err().contains(&nothing), "{}", fixture.err());
    assert_eq!(broker.take(), "");
}

#[tokio::test]
async fn a_requeue_killed_before_it_published_is_finished_by_either_command() {
    for by_resume in [false, true] {
        let (mut fixture, broker) = (Fixture::new().await, Broker::new());
        let run = with_two_causes(&mut fixture, &broker).await;
        // All that a requeue does before it publishes.
        let requeue = Requeue {
            filter: RequeueFilter {
                fingerprint: Some(ERP.0.to_owned()),
                ..RequeueFilter::default()
            },
            by: "ana@office".to_owned(),
            ..Requeue::default()
        };
        assert_eq!(fixture.store.requeue(&run, &requeue).await.unwrap(), 2);
        if by_resume {
            fixture.resume(&broker).await.unwrap();
        } else {
            fixture
                .requeue(&broker, "--cause data/http-422")
                .await
                .unwrap();
        }
        assert_eq!(broker.take(), "3 7", "by resume: {by_resume}");
    }
}

#[tokio::test]
async fn a_cause_and_an_empreendimento_without_it_change_nothing() {
    let (mut fixture, broker) = (Fixture::new().await, Broker::new());
    let run = with_two_causes(&mut fixture, &broker).await;
    let before = fixture.states(&run).await;
    let error = fixture
        .requeue(&broker, "--cause data/http-422 --empreendimento-ids 3,5")
        .await
        .unwrap_err();
    let wanted = format!("not failed in run {run}: 5 failed for data/rejected");
    assert_eq!((error.to_string(), error.exit()), (wanted, Exit::Usage));
    assert_eq!(fixture.states(&run).await, before);
}
