use domain::checks::{Acceptance, Check, CheckName};
use domain::job::{JobMessage, RunParams, Target};
use domain::ledger::{Attempt, WorkerId};
use mega::{MegaError, Route};
use store::StoreError;

use super::*;

const DELAYS: [Duration; 2] = [Duration::from_secs(10), Duration::from_secs(60)];

fn grant(errors: u32, crashes: u32, deferred_for: Duration) -> Grant {
    let day = "2026-01-01".parse().unwrap();
    let params = RunParams {
        start_date: day,
        end_date: day,
        as_of: day,
    };
    let job = JobMessage::new("run".parse().unwrap(), Target::SaidasCaixa, params);
    Grant {
        attempt: Attempt {
            job,
            generation: 1,
            worker: WorkerId::named("worker"),
        },
        errors,
        crashes,
        crash_unsure: false,
        deferred_for,
        accepted: Acceptance::default(),
        previous: None,
    }
}

fn of(error: &JobError, grant: &Grant) -> Outcome {
    outcome(&DELAYS, grant, error, Cause::from(error))
}

fn mega(source: MegaError) -> JobError {
    JobError::Mega {
        contrato: None,
        source,
    }
}

fn waits(outcome: Outcome) -> Option<u64> {
    match outcome {
        Outcome::Retry { after, .. } => Some(after.as_secs()),
        _ => None,
    }
}

#[test]
fn a_passing_fault_is_tried_again_as_often_as_there_are_delays() {
    let away = JobError::Store(StoreError::Away("gone".to_owned()));
    assert_eq!(waits(of(&away, &grant(0, 0, Duration::ZERO))), Some(10));
    assert_eq!(waits(of(&away, &grant(1, 0, Duration::ZERO))), Some(60));
    assert!(matches!(
        of(&away, &grant(2, 0, Duration::ZERO)),
        Outcome::Failed { .. }
    ));
}

#[test]
fn a_retry_waits_at_least_as_long_as_the_erp_asks() {
    let throttled = |seconds| {
        mega(MegaError::Throttled {
            route: Route::DadosParcelas,
            status: 429,
            retry_after: Some(Duration::from_secs(seconds)),
        })
    };
    assert_eq!(
        waits(of(&throttled(45), &grant(0, 0, Duration::ZERO))),
        Some(45)
    );
    assert_eq!(
        waits(of(&throttled(1), &grant(0, 0, Duration::ZERO))),
        Some(10)
    );
}

#[test]
fn time_without_the_erp_spends_no_attempt() {
    let refused = mega(MegaError::SignInRefused {
        why: "text".to_owned(),
    });
    for error in [mega(MegaError::Away), refused] {
        // However many attempts are spent already.
        let almost = LONGEST_DEFERRAL - Duration::from_secs(1);
        for grant in [grant(0, 0, Duration::ZERO), grant(9, 0, almost)] {
            assert!(
                matches!(of(&error, &grant), Outcome::Deferred { .. }),
                "{error}"
            );
        }
        let outcome = of(&error, &grant(0, 0, LONGEST_DEFERRAL));
        assert!(matches!(outcome, Outcome::Failed { .. }), "{error}");
    }
}

#[test]
fn what_trying_again_does_not_change_is_stopped_at_once() {
    let shape = mega(MegaError::Shape {
        route: Route::DadosParcelas,
        problem: "not a list".to_owned(),
    });
    let fell = vec!["contratos".to_owned()];
    let fell = Check::failed(CheckName::PlausibleTarget, "contratos fell", fell);
    let shrunk = JobError::Checks(vec![fell]);
    for error in [shape, shrunk, JobError::Panicked("oops".to_owned())] {
        assert!(
            matches!(
                of(&error, &grant(0, 0, Duration::ZERO)),
                Outcome::Failed { .. }
            ),
            "{error}"
        );
    }
}

#[test]
fn a_job_that_ended_two_workers_does_not_begin() {
    assert_eq!(instead_of_beginning(&grant(0, 1, Duration::ZERO)), None);
    let outcome = instead_of_beginning(&grant(0, 2, Duration::ZERO));
    let Some(Outcome::Failed { cause }) = outcome else {
        panic!("{outcome:?}");
    };
    assert_eq!(cause.fingerprint, "bug/worker-crashes");
}

#[test]
fn a_job_whose_workers_may_live_waits_to_know() {
    let unsure = |crashes, deferred_for| {
        instead_of_beginning(&Grant {
            crash_unsure: true,
            ..grant(0, crashes, deferred_for)
        })
    };
    assert_eq!(unsure(1, Duration::ZERO), None);
    assert!(matches!(
        unsure(2, Duration::ZERO),
        Some(Outcome::Deferred { .. })
    ));
    assert!(matches!(
        unsure(2, LONGEST_DEFERRAL),
        Some(Outcome::Failed { .. })
    ));
}
