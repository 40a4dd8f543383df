//! A pause of the fleet, and what is told of it.

use domain::ledger::operator;
use producer::exit::Exit;
use serde_json::Value;

use crate::fixture::{Broker, Fixture};

#[tokio::test]
async fn a_pause_is_told_with_the_state_of_a_run_until_it_is_lifted() {
    let (mut fixture, broker) = (Fixture::new().await, Broker::new());
    fixture.backfill(&broker).await.unwrap();
    assert_eq!(fixture.unpause().await, Exit::Done);
    assert_eq!(fixture.out(), "the fleet is not paused\n");

    assert_eq!(fixture.pause("--why update").await, Exit::Done);
    let by = format!("the fleet is paused by {} since ", operator());
    let out = fixture.out();
    assert!(out.starts_with(&by) && out.ends_with(": update\n"), "{out}");
    let err = fixture.err();
    assert!(err.contains("lift it: producer unpause"), "{err}");

    assert_eq!(fixture.status("").await.unwrap(), Exit::Done);
    let out = fixture.out();
    let fact = format!("\n  paused    by {} since ", operator());
    assert!(out.contains(&fact), "{out}");
    assert!(out.contains("\n  producer unpause  "), "{out}");
    fixture.status("--json").await.unwrap();
    let json: Value = serde_json::from_str(fixture.out()).unwrap();
    let paused = &json["paused"];
    assert_eq!(
        (&paused["by"], &paused["why"]),
        (&operator().into(), &"update".into())
    );
    assert_eq!(paused.get("until"), Some(&Value::Null));

    fixture.pause("--until 2999-12-31T23:59 --why update").await;
    let out = fixture.out();
    assert!(
        out.contains(", until 2999-12-31 23:59 in São Paulo: "),
        "{out}"
    );

    assert_eq!(fixture.unpause().await, Exit::Done);
    assert_eq!(
        fixture.out(),
        "the pause is lifted: workers take jobs again\n"
    );
    fixture.status("--json").await.unwrap();
    let json: Value = serde_json::from_str(fixture.out()).unwrap();
    assert_eq!(json.get("paused"), None);
}
