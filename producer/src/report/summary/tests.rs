use domain::failure::FailureClass;

use super::*;
use crate::fixtures::{at, because, job, pause, refusal, run, summary, with_workers, worker};

#[test]
fn one_verdict_for_each_way_a_run_can_stand() {
    use JobState::{Cancelled, Deferred, Done, Failed, Queued, Retrying, Running, Superseded};
    use Verdict as V;
    let cases: [(&[JobState], bool, Verdict, Exit); 15] = [
        (&[], false, V::Complete, Exit::Done),
        (&[Done, Superseded], false, V::Complete, Exit::Done),
        (&[Done], true, V::Complete, Exit::Done),
        (&[Done, Failed], false, V::Failed, Exit::Failed),
        (&[Done, Failed], true, V::Failed, Exit::Failed),
        (&[Done, Cancelled], false, V::Cancelled, Exit::Cancelled),
        (&[Cancelled, Failed], false, V::Failed, Exit::Failed),
        (&[Cancelled, Queued], false, V::Queued, Exit::Done),
        (&[Failed, Running], false, V::Running, Exit::Done),
        (&[Done, Queued], false, V::Queued, Exit::Done),
        (&[Done, Retrying], false, V::Waiting, Exit::Done),
        (&[Done, Deferred], false, V::Waiting, Exit::Done),
        (&[Queued, Deferred], false, V::Queued, Exit::Done),
        (&[Done, Deferred], true, V::SignInRefused, Exit::SignIn),
        (&[Running, Queued], true, V::SignInRefused, Exit::SignIn),
    ];
    for (states, refused, verdict, exit) in cases {
        let jobs: Vec<_> = states.iter().map(|state| job(1, *state)).collect();
        let summary = summary(&jobs, refused);
        assert_eq!(
            (summary.verdict, summary.exit()),
            (verdict, exit),
            "{states:?}, refused: {refused}"
        );
    }
}

#[test]
fn a_run_that_a_schedule_has_begun_stands_as_its_plan_does() {
    let planned = |planning, refused: bool| {
        let run = RunRecord {
            planning: Some(planning),
            ..run()
        };
        let refused = refused.then(refusal);
        Summary::new(run, &[], vec![], refused, at("08:30:00"))
    };
    let open = || Planning::Open { problem: None };
    let summary = planned(open(), false);
    assert_eq!(
        (summary.verdict, summary.exit()),
        (Verdict::Planning, Exit::Done)
    );
    assert!(!summary.is_final());
    assert_eq!(summary.elapsed_seconds, 600);
    let waits = planned(open(), true);
    assert_eq!(
        (waits.verdict, waits.exit()),
        (Verdict::SignInRefused, Exit::SignIn)
    );
    let why = "the ERP lists no empreendimento 99".to_owned();
    let refused = planned(Planning::Refused { why }, true);
    assert_eq!(
        (refused.verdict, refused.exit()),
        (Verdict::Refused, Exit::Decide)
    );
    assert!(refused.is_final());
}

#[test]
fn an_unconfirmed_message_counts_only_while_its_job_is_open() {
    let unconfirmed = |state| JobRecord {
        published_at: None,
        ..job(1, state)
    };
    let open = summary(
        &[unconfirmed(JobState::Queued), job(2, JobState::Running)],
        false,
    );
    assert_eq!((open.verdict, open.unpublished), (Verdict::NotPublished, 1));
    let over = summary(&[unconfirmed(JobState::Done)], false);
    assert_eq!((over.verdict, over.unpublished), (Verdict::Complete, 0));
}

#[test]
fn a_finished_run_took_until_its_last_job() {
    let mut late = job(2, JobState::Failed);
    late.finished_at = Some(at("08:27:30"));
    let summary = summary(&[job(1, JobState::Done), late], false);
    assert_eq!(summary.elapsed_seconds, 450);
    assert_eq!(summary.finished_at, Some(at("08:27:30")));
    assert_eq!(
        (summary.jobs_per_minute, summary.remaining_seconds),
        (None, None)
    );
}

#[test]
fn the_rest_takes_as_long_as_the_last_minutes_say() {
    // Two jobs in the nine minutes since the first one began, four to go.
    let jobs: Vec<_> = [JobState::Done, JobState::Failed, JobState::Running]
        .into_iter()
        .chain([JobState::Queued; 3])
        .map(|state| job(1, state))
        .collect();
    let summary = summary(&jobs, false);
    assert_eq!(summary.jobs_per_minute, Some(0.2));
    assert_eq!(summary.remaining_seconds, Some(18 * 60));
    assert_eq!(summary.elapsed_seconds, 600);
}

#[test]
fn a_requeue_days_later_does_not_count_the_days() {
    let done = job(1, JobState::Done);
    let two_days_on = at("08:30:00") + TimeDelta::days(2);
    let fresh = JobRecord {
        finished_at: Some(two_days_on - TimeDelta::minutes(1)),
        ..job(2, JobState::Done)
    };
    let jobs = [done, fresh, job(3, JobState::Running)];
    let summary = Summary::new(run(), &jobs, vec![], None, two_days_on);
    assert_eq!(summary.jobs_per_minute, Some(0.1), "one in ten minutes");
}

#[test]
fn equal_causes_are_one_group_and_the_largest_comes_first() {
    let failed = |code, message| because(job(code, JobState::Failed), FailureClass::Data, message);
    let groups = summary(
        &[
            failed(1, "amounts fell"),
            failed(2, "records rejected, first"),
            failed(3, "records rejected, second"),
            because(
                job(4, JobState::Done),
                FailureClass::Transient,
                "timeout once",
            ),
        ],
        false,
    )
    .failures;
    let found: Vec<_> = groups
        .iter()
        .map(|group| (group.message.as_str(), group.jobs.len()))
        .collect();
    assert_eq!(found, [("records rejected, first", 2), ("amounts fell", 1)]);
}

#[test]
fn manifests_add_up() {
    let done = [
        job(1, JobState::Done),
        job(2, JobState::Done),
        job(3, JobState::Failed),
    ];
    let manifest = summary(&done, false).manifest;
    assert_eq!(
        (manifest.contratos_listed, manifest.records_read),
        (20, 200)
    );
    assert_eq!(manifest.records_rejected(), 2);
}

#[test]
fn the_json_form_is_the_one_scripts_read() {
    let mut waiting = because(job(3, JobState::Deferred), FailureClass::SignIn, "refused");
    waiting.next_attempt_at = Some(at("08:35:00"));
    let failed = because(
        job(2, JobState::Failed),
        FailureClass::Data,
        "too many rejected",
    );
    let jobs = [job(1, JobState::Done), failed, waiting];
    let workers = vec![worker("host-1-abcd", &[3]), worker("host-2-efgh", &[])];
    let summary = with_workers(&jobs, true, workers);
    insta::assert_snapshot!(serde_json::to_string_pretty(&summary).unwrap());
}

#[test]
fn a_pause_is_in_the_json_form_while_it_stands() {
    let summary = summary(&[job(1, JobState::Queued)], false);
    let json = |summary: &Summary| serde_json::to_value(summary).unwrap();
    assert_eq!(json(&summary).get("paused"), None);
    let paused = Summary {
        paused: Some(pause()),
        ..summary
    };
    let expected = serde_json::json!({
        "at": "2026-11-23T08:22:00Z",
        "until": "2026-11-23T11:00:00Z",
        "by": "ana@escritorio",
        "why": "maintenance of the ERP",
    });
    assert_eq!(json(&paused)["paused"], expected);
}
