use console::{measure_text_width, strip_ansi_codes};
use domain::failure::FailureClass;
use domain::ledger::JobRecord;

use super::*;
use crate::fixtures::{at, because, job, pause, with_workers, worker};

const PLAIN: Frame = Frame {
    columns: 100,
    rows: 40,
    coloured: false,
};

/// A run with something in every state, two workers, and two causes of failure.
fn summary() -> Summary {
    let data = "12 of 300 records rejected, more than 1 %";
    let failed =
        (20..=22).map(|code| because(job(code, JobState::Failed), FailureClass::Data, data));
    let retrying = because(
        job(5, JobState::Retrying),
        FailureClass::Transient,
        "DadosContrato answered 500",
    );
    let escape = because(job(6, JobState::Failed), FailureClass::Bug, "at \u{1b}[2J");
    let jobs: Vec<JobRecord> = (1..=4)
        .map(|code| job(code, JobState::Done))
        .chain([7, 8, 9].map(|code| job(code, JobState::Running)))
        .chain([10, 11, 12, 13].map(|code| job(code, JobState::Queued)))
        .chain(failed)
        .chain([retrying, escape])
        .collect();
    let workers = vec![
        worker("host-1-abcd", &[7, 8]),
        worker("host-22-efgh", &[9]),
        worker("host-3-ijkl", &[]),
    ];
    with_workers(&jobs, false, workers)
}

fn drawn(frame: Frame) -> Vec<String> {
    watch(&summary(), at("08:30:00"), frame)
}

#[test]
fn a_run_with_everything() {
    insta::assert_snapshot!(drawn(PLAIN).join("\n"));
}

#[test]
fn a_run_that_nobody_works_on() {
    let jobs = [job(1, JobState::Queued), job(2, JobState::Queued)];
    let summary = with_workers(&jobs, false, vec![]);
    insta::assert_snapshot!(watch(&summary, at("08:30:00"), PLAIN).join("\n"));
}

#[test]
fn every_size_of_terminal_is_kept_to() {
    for (columns, rows) in [(200, 60), (80, 24), (40, 12), (20, 6), (1, 1)] {
        for coloured in [false, true] {
            let frame = Frame {
                columns,
                rows,
                coloured,
            };
            let lines = drawn(frame);
            assert!(lines.len() <= rows, "{frame:?}: {} lines", lines.len());
            for line in lines {
                assert!(measure_text_width(&line) <= columns, "{frame:?}: {line:?}");
            }
        }
    }
}

#[test]
fn a_small_terminal_keeps_what_failed() {
    let frame = Frame {
        columns: 60,
        rows: 16,
        ..PLAIN
    };
    insta::assert_snapshot!(drawn(frame).join("\n"));
}

#[test]
fn colours_change_nothing_else() {
    let coloured = drawn(Frame {
        coloured: true,
        ..PLAIN
    });
    assert!(coloured.concat().contains("\u{1b}["));
    let stripped: Vec<_> = coloured.iter().map(|line| strip_ansi_codes(line)).collect();
    assert_eq!(stripped, drawn(PLAIN));
}

#[test]
fn a_pause_is_drawn_below_what_it_stops() {
    let paused = Summary {
        paused: Some(pause()),
        ..summary()
    };
    let wide = Frame {
        columns: 200,
        ..PLAIN
    };
    let lines = watch(&paused, at("08:30:00"), wide);
    assert_eq!(lines[5], format!("the fleet is paused {}", pause()));
}

#[test]
fn a_job_of_another_run_is_named_as_such() {
    let mut busy = worker("host-1-abcd", &[7]);
    busy.jobs[0].run = "20261122-000000-zzzzzz".parse().unwrap();
    let summary = with_workers(&[job(7, JobState::Queued)], false, vec![busy]);
    let lines = watch(&summary, at("08:30:00"), PLAIN);
    let line = lines.iter().find(|line| line.contains("host-1-abcd"));
    assert!(
        line.is_some_and(|line| line.contains("of run 20261122-000000-zzzzzz")),
        "{lines:?}"
    );
}
