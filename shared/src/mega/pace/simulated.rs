//! The pace against a simulated ERP, in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::*;
use crate::mega::MegaConfig;

/// Calls per second that no number of parallel calls exceeds, with the measured latency.
const CEILING: f64 = 1.0 / PER_CALL;
const BASE: f64 = 1.17;
const PER_CALL: f64 = 0.0958;
const LOOK: f64 = 0.25;

/// How the ERP takes a call, by the time and the calls in flight with it: after how many seconds it
/// ends, and how.
type Erp = Box<dyn FnMut(f64, usize) -> (f64, Ended)>;

/// The latency measured.
fn measured(in_flight: usize) -> f64 {
    BASE + PER_CALL * in_flight as f64
}

fn answering(latency: impl Fn(usize) -> f64 + 'static) -> Erp {
    Box::new(move |_, in_flight| (latency(in_flight), Ended::Answered))
}

/// A fleet that calls an ERP, each worker at its own pace.
struct Fleet {
    erp: Erp,
    began: Instant,
    now: f64,
    paces: Vec<Pace>,
    /// Calls under way, the next to end first: when in nanoseconds, whose, and how.
    under_way: BinaryHeap<Reverse<(u64, u64, usize)>>,
    calls: Vec<(Sent, Ended)>,
    looked: f64,
    /// Most calls that each worker wants in flight.
    wanted: usize,
    /// Calls still to be sent; those that fail are sent again.
    backlog: u64,
    answered: Vec<f64>,
    troubled: u64,
}

impl Fleet {
    fn new(workers: usize, erp: Erp) -> Self {
        let paces = (0..workers).map(|_| {
            let mut pace = Pace::new(MegaConfig::CONCURRENCY, MegaConfig::TIMEOUT);
            pace.set_share(MegaConfig::CONCURRENCY / workers);
            pace
        });
        Self {
            erp,
            began: Instant::now(),
            now: 0.0,
            paces: paces.collect(),
            under_way: BinaryHeap::new(),
            calls: Vec::new(),
            looked: 0.0,
            wanted: usize::MAX,
            backlog: u64::MAX,
            answered: Vec::new(),
            troubled: 0,
        }
    }

    /// Lets time pass up to a second since the beginning, or until there is nothing left to do.
    fn run_until(&mut self, end: f64) {
        loop {
            self.send();
            let ending = self
                .under_way
                .peek()
                .map(|Reverse((at, ..))| *at as f64 / 1e9);
            if self.backlog == 0 && ending.is_none() {
                return;
            }
            let look = self.looked + LOOK;
            let next = ending.map_or(look, |ending| ending.min(look));
            if next > end {
                self.now = end;
                return;
            }
            self.now = next;
            if ending == Some(next) {
                self.end_call();
            } else {
                self.looked = look;
                let now = self.instant();
                self.paces.iter_mut().for_each(|pace| pace.look(now));
            }
        }
    }

    fn send(&mut self) {
        let now = self.instant();
        for index in 0..self.paces.len() {
            while self.backlog > 0 {
                let in_flight = self.in_flight();
                let pace = &mut self.paces[index];
                if pace.in_flight() >= pace.limit(now).min(self.wanted) {
                    break;
                }
                let (took, how) = (self.erp)(self.now, in_flight + 1);
                let ends = ((self.now + took) * 1e9) as u64;
                self.under_way
                    .push(Reverse((ends, self.calls.len() as u64, index)));
                self.calls.push((pace.sent(now), how));
                self.backlog -= 1;
            }
        }
    }

    fn end_call(&mut self) {
        let Some(Reverse((_, call, worker))) = self.under_way.pop() else {
            return;
        };
        let (sent, how) = self.calls[call as usize];
        let now = self.instant();
        let pace = &mut self.paces[worker];
        let full = pace.in_flight() >= pace.limit(now);
        pace.ended(sent, how, full, now);
        match how {
            Ended::Answered | Ended::Neutral => self.answered.push(self.now),
            Ended::Throttled | Ended::Failed => {
                self.troubled += 1;
                self.backlog = self.backlog.saturating_add(1);
            }
        }
    }

    fn instant(&self) -> Instant {
        self.began + Duration::from_secs_f64(self.now)
    }

    fn in_flight(&self) -> usize {
        self.paces.iter().map(Pace::in_flight).sum()
    }

    fn limit(&self) -> usize {
        let now = self.instant();
        self.paces.iter().map(|pace| pace.limit(now)).sum()
    }

    /// Answers per second between two seconds.
    fn rate(&self, from: f64, to: f64) -> f64 {
        let between = |at: &&f64| (from..to).contains(*at);
        self.answered.iter().filter(between).count() as f64 / (to - from)
    }

    /// The second, after `from`, from which on no more than so many are in flight.
    fn until_in_flight(&mut self, most: usize, from: f64) -> f64 {
        self.until(from, |fleet| fleet.in_flight() <= most)
    }

    fn until(&mut self, from: f64, holds: impl Fn(&Self) -> bool) -> f64 {
        let mut at = from;
        while !holds(self) {
            at += 0.05;
            assert!(at < from + 600.0, "never");
            self.run_until(at);
        }
        at - from
    }
}

/// Numbers from 0 to 1 that look random, the same in every run.
fn noise() -> impl FnMut() -> f64 {
    let mut state = fastrand::Rng::with_seed(7);
    move || state.f64()
}

/// The share of the ceiling that 600 calls from a cold start get.
fn share_of_600(workers: usize, erp: Erp) -> f64 {
    let mut fleet = Fleet::new(workers, erp);
    fleet.backlog = 600;
    fleet.run_until(1_000.0);
    assert_eq!(fleet.answered.len(), 600);
    let share = 600.0 / fleet.now / CEILING;
    eprintln!(
        "{workers} workers: {share:.3} of the ceiling, {:.1} s",
        fleet.now
    );
    share
}

#[test]
fn six_hundred_contratos_get_four_fifths_of_the_ceiling_from_a_cold_start() {
    for workers in [1, 2, 4, 8] {
        let share = share_of_600(workers, answering(measured));
        assert!(share >= 0.8, "{workers} workers: {share}");
    }
}

#[test]
fn noise_empty_answers_and_single_failures_do_not_slow_it() {
    let mut noise = noise();
    let erp: Erp = Box::new(move |_, in_flight| match noise() {
        draw if draw < 0.02 => (0.05, Ended::Failed),
        draw if draw < 0.12 => (measured(in_flight), Ended::Neutral),
        _ => (measured(in_flight) * (0.5 + noise()), Ended::Answered),
    });
    // The slowest of the last calls takes half as long again, and nothing runs beside it.
    let share = share_of_600(1, erp);
    assert!(share >= 0.75, "{share}");
}

#[test]
fn without_contention_it_climbs_to_its_share() {
    let mut fleet = Fleet::new(1, answering(|_| 0.8));
    fleet.run_until(10.0);
    assert_eq!(fleet.in_flight(), MegaConfig::CONCURRENCY);
    fleet.run_until(300.0);
    assert_eq!(fleet.limit(), MegaConfig::CONCURRENCY);
}

#[test]
fn it_stays_near_what_a_saturated_erp_can_use() {
    // Ten at a time, a second each: more only queue.
    let mut fleet = Fleet::new(1, answering(|n| (n as f64 / 10.0).max(1.0)));
    // After the fast climb has overshot, and what was under way has ended.
    let mut most = 0;
    for second in 30..300 {
        fleet.run_until(f64::from(second));
        most = most.max(fleet.in_flight());
    }
    assert!(most <= 48, "{most} in flight");
    let rate = fleet.rate(30.0, 300.0);
    assert!(rate >= 9.5, "{rate}/s");
}

#[test]
fn a_client_that_wants_little_does_not_raise_the_limit() {
    let mut fleet = Fleet::new(1, answering(measured));
    fleet.wanted = 3;
    fleet.run_until(120.0);
    assert_eq!(fleet.limit(), START as usize);
    fleet.wanted = usize::MAX;
    fleet.run_until(150.0);
    assert!(fleet.limit() >= 64, "{}", fleet.limit());
}

#[test]
fn throttling_cuts_to_a_quarter_and_leaves_no_trace_in_half_a_minute() {
    for workers in [1, 4] {
        let mut fleet = Fleet::new(
            workers,
            Box::new(|at, in_flight| match at {
                40.0..100.0 => (0.05, Ended::Throttled),
                _ => (measured(in_flight), Ended::Answered),
            }),
        );
        fleet.run_until(40.0);
        let (before, rate) = (fleet.in_flight(), fleet.rate(30.0, 40.0));
        // Those under way end at the pace the ERP has: 72 take 72 / 9.3 s.
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
    let mut fleet = Fleet::new(
        1,
        Box::new(|_, in_flight| match in_flight {
            41.. => (0.05, Ended::Throttled),
            _ => (measured(in_flight), Ended::Answered),
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
        let mut fleet = Fleet::new(
            workers,
            Box::new(move |at, in_flight| {
                let took = measured(in_flight) * (0.8 + 0.4 * noise());
                (halted(at, took), Ended::Answered)
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
fn latencies_ten_times_as_long_are_told_when_the_first_call_is_overdue() {
    // Only calls that arrive later are slow: those under way end in time.
    let mut fleet = Fleet::new(
        1,
        Box::new(|at, in_flight| match at {
            40.0..100.0 if measured(in_flight) * 10.0 > 60.0 => (60.0, Ended::Failed),
            40.0..100.0 => (measured(in_flight) * 10.0, Ended::Answered),
            _ => (measured(in_flight), Ended::Answered),
        }),
    );
    fleet.run_until(40.0);
    let (before, rate) = (fleet.limit(), fleet.rate(30.0, 40.0));
    let took = fleet.until(40.0, |fleet| fleet.limit() <= before / 4);
    eprintln!("limit {before} at a quarter after {took:.2} s");
    // Nothing differs before the first slow call should have ended.
    assert!(took <= measured(before) * 1.25 + 3.0, "{took}");
    let drained = fleet.until_in_flight(before / 4, 40.0 + took) + took;
    eprintln!("in flight at a quarter after {drained:.2} s");
    fleet.run_until(130.0);
    let again = fleet.rate(120.0, 130.0);
    eprintln!("{again:.2}/s after {rate:.2}/s; limit {}", fleet.limit());
    assert!(again >= 0.8 * rate, "{again}/s after {rate}/s");
}

#[test]
fn a_share_of_one_is_one_call_at_a_time_and_of_none_is_none() {
    let mut pace = Pace::new(1, MegaConfig::TIMEOUT);
    let now = Instant::now();
    for _ in 0..100 {
        assert_eq!(pace.limit(now), 1);
        let sent = pace.sent(now);
        pace.ended(sent, Ended::Answered, true, now + Duration::from_secs(1));
    }
    assert_eq!(pace.limit(now), 1);
    pace.set_share(0);
    assert_eq!(pace.limit(now), 0);
}
