use std::time::Duration;

use super::*;
use crate::doctor::check::Outcome;
use crate::doctor::report::Report;
use crate::doctor::text::text;

fn diagnosis() -> Diagnosis {
    let names = ["mega.sync.dead", "mega.sync.retry.10s", "mega.sync"];
    Diagnosis {
        product: Some(("RabbitMQ".to_owned(), "3.10.8".to_owned())),
        queues: names
            .map(|name| (name.to_owned(), QueueState::Declared))
            .into(),
        earlier: Vec::new(),
        depths: Some(Depths::default()),
        dead_lettering: Ok(Duration::from_millis(42)),
    }
}

#[test]
fn a_broker_in_order() {
    let report = Report::new(super::checks(&diagnosis(), Program::Producer));
    assert_eq!(report.exit(), Exit::Done);
    insta::assert_snapshot!(text(&report));
}

#[test]
fn each_problem_of_a_broker() {
    let refused = || QueueError::Refused("ACCESS_REFUSED - Login was refused".to_owned());
    let mut other = diagnosis();
    other.queues[1].1 = QueueState::Different("mega.sync.retry.10s: x-message-ttl".to_owned());
    other.depths = Some(Depths {
        ready: 7,
        delayed: 2,
        dead: 3,
    });
    other.dead_lettering = Err(refused());
    let mut missing = diagnosis();
    missing.queues[0].1 = QueueState::Missing;
    missing.depths = None;
    missing.product = None;
    let checks = [
        super::checks(&other, Program::Producer),
        super::checks(&missing, Program::Producer),
    ];
    let mut checks = checks.concat();
    checks.extend([
        unreachable(QueueError::Away(
            "127.0.0.1:5672: connection refused".to_owned(),
        )),
        unreachable(refused()),
        in_process(),
    ]);
    let report = Report::new(checks);
    assert_eq!(report.exit(), Exit::Away);
    insta::assert_snapshot!(text(&report));
}

#[test]
fn versions_from_3_10_to_4_are_known() {
    let outcome = |text: &str| version(Some(&("RabbitMQ".to_owned(), text.to_owned()))).outcome;
    for known in ["3.10.8", "3.13", "4.0.1", "4.2.0-rc.1"] {
        assert_eq!(outcome(known), Outcome::Ok, "{known}");
    }
    for unknown in ["3.9.29", "5.0.0", "", "x"] {
        assert_eq!(outcome(unknown), Outcome::Warning, "{unknown}");
    }
}
