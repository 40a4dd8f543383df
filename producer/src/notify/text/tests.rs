use chrono::{DateTime, Utc};

use super::*;
use crate::fixtures::at;
use crate::notify::event::{Event, MissedSchedule};

fn cause(cause: &str, class: FailureClass, jobs: usize) -> CauseCount {
    CauseCount {
        cause: cause.to_owned(),
        class: Some(class),
        jobs,
        example: "Residencial\u{1b}[2J 1471".to_owned(),
    }
}

fn missed(schedule: &str, times: u64, why: &str) -> MissedSchedule {
    MissedSchedule {
        schedule: schedule.to_owned(),
        times,
        last: at("05:00:00"),
        why: why.to_owned(),
    }
}

fn every() -> Vec<Facts> {
    let run = || "20261123-052000-abcdef".parse().unwrap();
    let data = || cause("data/readable-parcelas-vlr_pago", FailureClass::Data, 12);
    let implausible = || {
        let class = FailureClass::Implausible;
        cause("implausible/plausible-target", class, 1)
    };
    let time: DateTime<Utc> = at("08:40:00");
    let recovered = |from| Facts::Recovered {
        from,
        run: Some(run()),
    };
    vec![
        Facts::RunFailed {
            run: run(),
            total: 181,
            failed: 13,
            finished_at: time,
            causes: vec![data(), implausible()],
        },
        Facts::SignInRefused {
            at: time,
            why: "401 with a body of 12 bytes".to_owned(),
        },
        Facts::ErpAway {
            since: time,
            jobs: 1,
        },
        Facts::Implausible {
            run: run(),
            causes: vec![implausible()],
        },
        Facts::Stale {
            last: Some(time),
            max_age: "26h".to_owned(),
        },
        Facts::Stale {
            last: None,
            max_age: "26h".to_owned(),
        },
        Facts::ScheduleMissed {
            missed: vec![
                missed(
                    "hourly",
                    9,
                    "overlap: run 20261123-010000-abcdef was still open",
                ),
                missed("nightly", 1, "missed: it was due more than 12 hours before"),
            ],
        },
        Facts::PlanRefused {
            run: run(),
            schedule: Some("nightly".to_owned()),
            why: "the ERP lists no empreendimento 99".to_owned(),
        },
        recovered(Event::RunFailed),
        recovered(Event::SignInRefused),
        recovered(Event::ErpAway),
        recovered(Event::Stale),
        recovered(Event::ScheduleMissed),
        recovered(Event::PlanRefused),
        Facts::Test,
    ]
}

fn all(language: Language) -> String {
    let words = every()
        .into_iter()
        .map(|facts| words(&facts, language, Program::Producer));
    let texts: Vec<_> = words
        .map(|words| format!("{}\n\n{}", words.subject, words.body))
        .collect();
    texts.join("\n----\n")
}

#[test]
fn every_notification_in_portuguese() {
    insta::assert_snapshot!(all(Language::Portuguese));
}

#[test]
fn every_notification_in_english() {
    insta::assert_snapshot!(all(Language::English));
}

#[test]
fn the_first_command_is_the_one_to_type() {
    let commands: Vec<_> = every()
        .iter()
        .map(|facts| words(facts, Language::English, Program::MegaSync).command)
        .collect();
    let failed = "mega-sync failed --run 20261123-052000-abcdef";
    assert_eq!(commands[0].as_deref(), Some(failed));
    assert_eq!(commands[1].as_deref(), Some("mega-sync signin --retry"));
    assert_eq!(
        commands[6].as_deref(),
        Some("mega-sync schedule history hourly")
    );
    let again = "mega-sync schedule run-now nightly";
    assert_eq!(commands[7].as_deref(), Some(again));
    assert_eq!(commands.last(), Some(&None));
}

#[test]
fn what_the_ledger_keeps_reads_back() {
    for facts in every() {
        let kept = serde_json::to_value(&facts).unwrap();
        assert_eq!(kept["event"], facts.event().to_string());
        assert_eq!(serde_json::from_value::<Facts>(kept).unwrap(), facts);
    }
}
