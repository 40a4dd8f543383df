use domain::failure::FailureClass;
use domain::ledger::JobRecord;

use super::*;
use crate::fixtures::{at, because, job, pause, summary as summary_of, with_workers, worker};
use crate::render::progress;

fn done(count: i64) -> impl Iterator<Item = JobRecord> {
    (1..=count).map(|code| job(code, JobState::Done))
}

#[test]
fn a_complete_run() {
    let jobs: Vec<_> = done(3).chain([job(4, JobState::Superseded)]).collect();
    insta::assert_snapshot!(summary(&summary_of(&jobs, false), Program::Producer));
}

#[test]
fn a_run_finished_with_failures() {
    let data = "12 of 300 records rejected, more than 1 %";
    let failed =
        (10..=21).map(|code| because(job(code, JobState::Failed), FailureClass::Data, data));
    let other = because(
        job(5, JobState::Failed),
        FailureClass::Bug,
        "panicked: at \u{1b}[2J",
    );
    let jobs: Vec<_> = done(3).chain([other]).chain(failed).collect();
    insta::assert_snapshot!(summary(&summary_of(&jobs, false), Program::Producer));
}

#[test]
fn a_run_that_goes_on() {
    let mut retrying = because(
        job(5, JobState::Retrying),
        FailureClass::Transient,
        "DadosContrato answered 500",
    );
    retrying.next_attempt_at = Some(at("08:35:00"));
    let jobs: Vec<_> = done(3)
        .chain([
            job(4, JobState::Running),
            retrying,
            job(6, JobState::Queued),
        ])
        .collect();
    let goes_on = with_workers(&jobs, false, vec![worker("host-1-abcd", &[4])]);
    insta::assert_snapshot!(summary(&goes_on, Program::Producer));
}

#[test]
fn a_run_stopped_by_a_refused_sign_in() {
    let deferred = because(
        job(4, JobState::Deferred),
        FailureClass::SignIn,
        "the ERP refused the sign-in: 200 text/plain",
    );
    let jobs: Vec<_> = done(1)
        .chain([deferred, job(5, JobState::Queued)])
        .collect();
    insta::assert_snapshot!(summary(&summary_of(&jobs, true), Program::Producer));
}

#[test]
fn a_run_never_published() {
    let jobs: Vec<_> = (1..=2)
        .map(|code| JobRecord {
            published_at: None,
            ..job(code, JobState::Queued)
        })
        .collect();
    insta::assert_snapshot!(summary(&summary_of(&jobs, false), Program::Producer));
}

#[test]
fn verdicts_on_one_line() {
    let mut waiting = job(2, JobState::Deferred);
    waiting.next_attempt_at = Some(at("08:35:00"));
    let queued: Vec<_> = done(1).chain([job(2, JobState::Queued)]).collect();
    let waiting: Vec<_> = done(1).chain([waiting]).collect();
    let running: Vec<_> = done(1)
        .chain([job(2, JobState::Running), job(3, JobState::Failed)])
        .collect();
    let lines = [queued, waiting, running].map(|jobs| progress(&summary_of(&jobs, false)));
    assert_eq!(
        lines,
        [
            "queued and no worker on it, 1 of 2 jobs done",
            "waiting, 1 of 2 jobs done, next try at 2026-11-23 05:35",
            "running, 1 of 3 jobs done, 1 running, 1 failed, about 4 min 30 s left",
        ]
    );
}

#[test]
fn an_open_run_of_a_paused_fleet_waits_for_its_end() {
    let paused = |state| Summary {
        paused: Some(pause()),
        ..summary_of(&[job(1, state)], false)
    };
    let told = "by ana@escritorio since 2026-11-23 05:22, until 2026-11-23 08:00 in São Paulo: \
                maintenance of the ERP";
    let line = format!("queued and no worker on it, 0 of 1 job done; the fleet is paused {told}");
    assert_eq!(progress(&paused(JobState::Queued)), line);
    assert_eq!(
        progress(&paused(JobState::Done)),
        "complete, 1 of 1 job done"
    );

    let text = |state| summary(&paused(state), Program::Producer);
    let fact = format!("\n  paused    {told}\n");
    let hint = "next:\n  producer unpause  lets the workers take jobs again\n";
    for state in [JobState::Queued, JobState::Running, JobState::Retrying] {
        let text = text(state);
        assert!(text.contains(&fact) && text.ends_with(hint), "{text}");
    }
    let over = text(JobState::Done);
    assert!(over.contains(&fact) && !over.contains("unpause"), "{over}");
}

#[test]
fn who_cancelled_what_is_told() {
    let jobs: Vec<_> = done(3).chain([job(4, JobState::Cancelled)]).collect();
    let mut cancelled = summary_of(&jobs, false);
    cancelled.cancellations = vec![Cancellation {
        at: at("08:23:00"),
        by: "ana@office".to_owned(),
        why: Some("the wrong\u{1b} window".to_owned()),
        empreendimentos: vec![4.try_into().unwrap()],
    }];
    let text = summary(&cancelled, Program::Producer);
    for line in [
        "run 20261123-052000-abcdef: cancelled, 3 of 4 jobs done, 1 cancelled\n",
        "  cancelled at 2026-11-23 05:23 by ana@office, empreendimentos 4: the wrong  window\n",
        "requeue --run 20261123-052000-abcdef --empreendimento-ids",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
}

#[test]
fn a_queue_that_died_with_its_process_is_filled_again_by_resume() {
    let hints = |state, program| {
        let text = summary(&summary_of(&[job(1, state)], false), program);
        text.split_once("next:\n")
            .map(|(_, hints)| hints.to_owned())
            .unwrap_or_default()
    };
    for state in [JobState::Queued, JobState::Running, JobState::Retrying] {
        assert!(
            hints(state, Program::MegaSync).contains("mega-sync resume --run"),
            "{state}"
        );
        // A broker outlives its clients; it is asked about only where nothing seems to move.
        assert_eq!(
            hints(state, Program::Producer).contains("resume"),
            state == JobState::Queued,
            "{state}"
        );
    }
}
