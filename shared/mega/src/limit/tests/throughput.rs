//! What share of the ERP's ceiling the rules reach.

use std::time::Duration;

use tokio::time::Instant;

use super::super::rules::{CallOutcome, Rules};
use super::fleet::{CEILING, Erp, Fleet, answering, measured, noise};
use crate::MegaConfig;

/// The share of the ceiling that 600 calls from a cold start get.
fn share_of_600(work: &[usize], erp: Erp) -> f64 {
    assert_eq!(work.iter().sum::<usize>(), 600);
    let mut fleet = Fleet::new(work, erp);
    fleet.run_until(1_000.0);
    assert_eq!(fleet.answered.len(), 600);
    let share = 600.0 / fleet.now / CEILING;
    eprintln!("{work:?}: {share:.3} of the ceiling, {:.1} s", fleet.now);
    share
}

#[test]
fn six_hundred_contratos_get_four_fifths_of_the_ceiling_from_a_cold_start() {
    for workers in [1, 2, 4, 8] {
        let work = vec![600 / workers; workers];
        let share = share_of_600(&work, answering(measured));
        assert!(share >= 0.8, "{workers} workers: {share}");
    }
}

#[test]
fn a_short_run_gets_three_quarters_of_the_ceiling_where_the_fleet_has_learned() {
    for (learned, least) in [(None, 0.6), (Some(MegaConfig::CONCURRENCY), 0.76)] {
        for workers in [1, 4] {
            let mut fleet = Fleet::new(&vec![152 / workers; workers], answering(measured));
            if let Some(calls) = learned {
                for worker in &mut fleet.workers {
                    worker.rules.start_at(calls);
                }
            }
            fleet.run_until(1_000.0);
            let share = 152.0 / fleet.now / CEILING;
            eprintln!(
                "152 calls, {workers} workers, learned {learned:?}: {share:.3} of the ceiling"
            );
            assert!(share >= least, "{workers} workers, {learned:?}: {share}");
        }
    }
}

#[test]
fn it_makes_no_difference_whose_the_work_is() {
    for work in [
        [300, 300, 0, 0],
        [0, 0, 0, 600],
        [420, 60, 60, 60],
        [570, 10, 10, 10],
        [200, 400, 0, 0],
    ] {
        let share = share_of_600(&work, answering(measured));
        assert!(share >= 0.8, "{work:?}: {share}");
    }
}

#[test]
fn noise_empty_answers_and_single_failures_do_not_slow_it() {
    let mut noise = noise();
    let erp: Erp = Box::new(move |_, in_flight| match noise() {
        draw if draw < 0.02 => (0.05, CallOutcome::Failed),
        draw if draw < 0.12 => (measured(in_flight), CallOutcome::Neutral),
        _ => (measured(in_flight) * (0.5 + noise()), CallOutcome::Answered),
    });
    // The slowest of the last calls takes half as long again, and nothing runs beside it.
    let share = share_of_600(&[600], erp);
    assert!(share >= 0.75, "{share}");
}

#[test]
fn without_contention_it_climbs_to_its_share() {
    let mut fleet = Fleet::busy(1, answering(|_| 0.8));
    fleet.run_until(10.0);
    assert_eq!(fleet.in_flight(), MegaConfig::CONCURRENCY);
    fleet.run_until(300.0);
    assert_eq!(fleet.limit(), MegaConfig::CONCURRENCY);
}

#[test]
fn a_cold_start_is_that_of_one_worker_whoever_has_the_work() {
    for work in [[150, 150, 150, 150], [570, 10, 10, 10], [0, 0, 0, 600]] {
        let mut fleet = Fleet::new(&work, answering(|_| 2.0));
        fleet.run_until(1.9);
        let in_flight = fleet.in_flight();
        assert!((1..=8).contains(&in_flight), "{work:?}: {in_flight}");
    }
}

#[test]
fn the_last_worker_with_work_gets_what_the_others_give_up() {
    let mut fleet = Fleet::busy(4, answering(measured));
    fleet.run_until(60.0);
    let rate = fleet.rate(50.0, 60.0);
    for worker in &mut fleet.workers[..3] {
        worker.backlog = 0;
    }
    // What is under way ends within ten seconds, and with it what the others hold.
    fleet.run_until(100.0);
    let again = fleet.rate(60.0, 100.0);
    assert!(again >= 0.95 * rate, "{again}/s after {rate}/s");
}

#[test]
fn a_client_that_wants_little_does_not_raise_the_limit() {
    let mut fleet = Fleet::busy(1, answering(measured));
    fleet.workers[0].wanted = 3;
    fleet.run_until(120.0);
    assert_eq!(fleet.limit(), 8);
    fleet.workers[0].wanted = usize::MAX;
    fleet.run_until(150.0);
    assert!(fleet.limit() >= 64, "{}", fleet.limit());
}

#[test]
fn a_share_of_one_is_one_call_at_a_time_and_of_none_is_none() {
    let mut rules = Rules::new(1, MegaConfig::TIMEOUT);
    let now = Instant::now();
    for _ in 0..100 {
        assert_eq!(rules.limit(now), 1);
        let call = rules.sent(now);
        rules.ended(
            call,
            CallOutcome::Answered,
            true,
            now + Duration::from_secs(1),
        );
    }
    assert_eq!(rules.limit(now), 1);
    rules.set_share(0);
    assert_eq!(rules.limit(now), 0);
}

#[test]
fn what_was_learned_is_the_fleets_and_where_the_next_begins() {
    let mut fleet = Fleet::busy(4, answering(measured));
    fleet.run_until(60.0);
    for worker in &fleet.workers {
        assert_eq!(worker.rules.learned(), Some(MegaConfig::CONCURRENCY));
    }
    let mut next = Rules::new(MegaConfig::CONCURRENCY, MegaConfig::TIMEOUT);
    next.start_at(80);
    next.set_share(24);
    assert_eq!((next.limit(Instant::now()), next.learned()), (20, None));
}

#[test]
fn a_process_that_does_not_keep_up_asks_for_no_more() {
    let mut rules = Rules::new(96, MegaConfig::TIMEOUT);
    let mut now = Instant::now();
    let beginning = rules.limit(now);
    for kept_up in [false, true] {
        for _ in 0..200 {
            let calls: Vec<_> = (0..rules.limit(now)).map(|_| rules.sent(now)).collect();
            now += Duration::from_millis(1);
            for call in calls {
                rules.ended(call, CallOutcome::Answered, kept_up, now);
            }
        }
        assert_eq!(rules.limit(now) > beginning, kept_up);
    }
}
