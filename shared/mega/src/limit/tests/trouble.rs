//! What the rules do when the ERP is in trouble, and afterwards.

use std::time::Duration;

use tokio::time::Instant;

use super::super::rules::{CallOutcome, Rules};
use super::fleet::{Fleet, answering, measured, noise};
use crate::MegaConfig;

#[test]
fn throttling_cuts_to_a_quarter_and_leaves_no_trace_in_half_a_minute() {
    for workers in [1, 4] {
        let mut fleet = Fleet::busy(
            workers,
            Box::new(|at, in_flight| match at {
                40.0..100.0 => (0.05, CallOutcome::Throttled(None)),
                _ => (measured(in_flight), CallOutcome::Answered),
            }),
        );
        fleet.run_until(40.0);
        let (before, rate) = (fleet.in_flight(), fleet.rate(30.0, 40.0));
        // Those in flight end at the rate of the ERP: 72 take 72 / 9.3 s.
        let drained = fleet.until_in_flight(before / 4, 40.0);
        eprintln!("{workers} workers: a quarter of {before} in flight after {drained:.1} s");
        assert!(drained < 9.0, "{drained}");
        fleet.run_until(100.0);
        let asked = fleet.troubled;
        assert!(asked < 80, "{workers}: asked {asked} times in vain");
        fleet.run_until(140.0);
        let again = fleet.rate(130.0, 140.0);
        assert!(again >= 0.9 * rate, "{workers}: {again}/s after {rate}/s");
    }
}

#[test]
fn it_settles_below_the_number_that_is_throttled() {
    let mut fleet = Fleet::busy(
        1,
        Box::new(|_, in_flight| match in_flight {
            41.. => (0.05, CallOutcome::Throttled(None)),
            _ => (measured(in_flight), CallOutcome::Answered),
        }),
    );
    fleet.run_until(600.0);
    let (rate, possible) = (fleet.rate(60.0, 600.0), 40.0 / measured(40));
    assert!(rate >= 0.85 * possible, "{rate}/s of {possible}/s");
    let throttled = fleet.troubled as f64 / fleet.calls.len() as f64;
    assert!(throttled < 0.05, "{throttled} of the calls");
}

#[test]
fn a_stall_cuts_to_a_quarter_within_five_seconds_without_any_answer() {
    // From second 40 on for half a minute nothing ends, not even what is under way.
    let halted = |at: f64, took: f64| match at + took {
        ends if at < 70.0 && ends > 40.0 => ends.max(70.0) + took - at,
        _ => took,
    };
    // A worker with a quarter of the calls knows of fewer that are due.
    for (workers, seconds) in [(1, 5.0), (4, 8.0)] {
        let mut noise = noise();
        let mut fleet = Fleet::busy(
            workers,
            Box::new(move |at, in_flight| {
                let took = measured(in_flight) * (0.8 + 0.4 * noise());
                (halted(at, took), CallOutcome::Answered)
            }),
        );
        fleet.run_until(40.0);
        let before = fleet.limit();
        let took = fleet.until(40.0, |fleet| fleet.limit() <= before / 4);
        eprintln!("{workers} workers: limit {before} at a quarter after {took:.2} s");
        assert!(took <= seconds, "{workers} workers: {took}");
    }
}

#[test]
fn an_erp_ten_times_as_slow_is_noticed_in_time_and_leaves_no_trace_in_half_a_minute() {
    // A worker with a quarter of the calls knows of fewer that are due.
    for (workers, seconds) in [(1, 5.0), (4, 13.0)] {
        let mut fleet = Fleet::busy(workers, answering(measured));
        fleet.slow = 40.0..60.0;
        fleet.run_until(40.0);
        let (before, rate) = (fleet.limit(), fleet.rate(30.0, 40.0));
        let took = fleet.until(40.0, |fleet| fleet.limit() <= before / 4);
        eprintln!("{workers} workers: limit {before} at a quarter after {took:.2} s");
        assert!(took <= seconds, "{workers} workers: {took}");
        fleet.run_until(60.0);
        let back = fleet.until(65.0, |fleet| {
            fleet.rate(fleet.now - 5.0, fleet.now) >= 0.9 * rate
        });
        eprintln!(
            "{workers} workers: {rate:.2}/s is back {:.1} s after",
            back + 5.0
        );
        assert!(back + 5.0 <= 30.0, "{workers} workers: {back}");
    }
}

#[test]
fn a_throttled_process_pauses_as_long_as_the_erp_asks() {
    let mut rules = Rules::new(96, MegaConfig::TIMEOUT);
    let began = Instant::now();
    let at = |seconds: f64| began + Duration::from_secs_f64(seconds);
    let call = rules.sent(began);
    let asked = Duration::from_secs(5);
    rules.ended(call, CallOutcome::Throttled(Some(asked)), true, at(0.1));
    assert_eq!((rules.limit(at(5.0)), rules.limit(at(5.2))), (0, 2));
    // Asked for no time, it waits longer each time in a row.
    for (sent, paused) in [
        (6.0, 1.0),
        (8.0, 2.0),
        (11.0, 4.0),
        (16.0, 8.0),
        (25.0, 8.0),
    ] {
        let call = rules.sent(at(sent));
        rules.ended(call, CallOutcome::Throttled(None), true, at(sent));
        assert_eq!(rules.limit(at(sent + paused - 0.01)), 0, "at {sent}");
        assert!(rules.limit(at(sent + paused)) > 0, "at {sent}");
    }
}
