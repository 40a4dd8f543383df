//! The pace against a simulated ERP, in virtual time.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use super::*;
use crate::MegaConfig;
use domain::fleet::{HEARTBEAT, QUICK_HEARTBEAT};
use domain::fleet::{Lease, Member, lease};

/// Calls per second that no number of parallel calls exceeds, with the measured latency.
const CEILING: f64 = 1.0 / PER_CALL;
const BASE: f64 = 1.17;
const PER_CALL: f64 = 0.0958;
const LOOK: f64 = 0.25;
const SLOWNESS: f64 = 10.0;

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

/// A fleet that calls an ERP, each worker at its own pace and by its own lease.
struct Fleet {
    erp: Erp,
    /// From when to when the ERP gets on by a tenth: calls under way too.
    slow: Range<f64>,
    began: Instant,
    now: f64,
    workers: Vec<Worker>,
    /// Calls under way, the next to end first: at which nanosecond of the ERP's work, which, whose.
    under_way: BinaryHeap<Reverse<(u64, u64, usize)>>,
    calls: Vec<(Sent, Ended)>,
    looked: f64,
    answered: Vec<f64>,
    troubled: u64,
}

struct Worker {
    pace: Pace,
    share: usize,
    /// Its lease, as the ledger has it.
    member: Member,
    /// Most calls that it wants in flight.
    wanted: usize,
    /// Calls still to be sent; those that fail are sent again.
    backlog: usize,
    /// When its next heartbeat is due.
    beats_at: f64,
}

impl Fleet {
    /// A fleet that has waited for work, and now gets so much for each worker.
    fn new(work: &[usize], erp: Erp) -> Self {
        let idle = || Worker {
            pace: Pace::new(MegaConfig::CONCURRENCY, MegaConfig::TIMEOUT),
            share: 0,
            member: Member {
                wanted: 0,
                more_to_come: false,
                held: 0,
            },
            wanted: usize::MAX,
            backlog: 0,
            beats_at: 0.0,
        };
        let mut fleet = Self {
            erp,
            slow: 0.0..0.0,
            began: Instant::now(),
            now: 0.0,
            workers: work.iter().map(|_| idle()).collect(),
            under_way: BinaryHeap::new(),
            calls: Vec::new(),
            looked: 0.0,
            answered: Vec::new(),
            troubled: 0,
        };
        for _ in 0..2 {
            (0..work.len()).for_each(|place| fleet.beat(place));
        }
        let apart = HEARTBEAT.as_secs_f64() / work.len() as f64;
        for (place, (worker, backlog)) in fleet.workers.iter_mut().zip(work).enumerate() {
            worker.backlog = *backlog;
            worker.beats_at = apart * (place + 1) as f64;
        }
        fleet
    }

    /// A fleet that never lacks work.
    fn busy(workers: usize, erp: Erp) -> Self {
        // Not so much that adding what is in flight overflows.
        Self::new(&vec![usize::MAX / 2; workers], erp)
    }

    /// Lets time pass up to a second since the beginning, or until there is nothing left to do.
    fn run_until(&mut self, end: f64) {
        loop {
            self.send();
            let ending = self.under_way.peek();
            let ending = ending.map(|Reverse((work, ..))| self.time_of(*work as f64 / 1e9));
            if ending.is_none() && self.workers.iter().all(|worker| worker.backlog == 0) {
                return;
            }
            let look = self.looked + LOOK;
            let (place, beat) = self.next_beat();
            let next = ending.map_or(look, |ending| ending.min(look)).min(beat);
            if next > end {
                self.now = end;
                return;
            }
            self.now = next;
            if ending == Some(next) {
                self.end_call();
            } else if beat == next {
                self.beat(place);
            } else {
                self.looked = look;
                let now = self.instant();
                for worker in &mut self.workers {
                    worker.pace.look(now);
                }
            }
        }
    }

    /// How long the ERP would have taken at full speed for what it has done at `time`.
    fn work_at(&self, time: f64) -> f64 {
        let slow = (time.min(self.slow.end) - self.slow.start).max(0.0);
        time - slow * (1.0 - 1.0 / SLOWNESS)
    }

    /// When it will have done so much.
    fn time_of(&self, work: f64) -> f64 {
        let slow = (work - self.slow.start).max(0.0) * SLOWNESS;
        let slow = slow.min(self.slow.end - self.slow.start);
        work + slow * (1.0 - 1.0 / SLOWNESS)
    }

    fn send(&mut self) {
        let now = self.instant();
        for index in 0..self.workers.len() {
            loop {
                let in_flight = self.in_flight();
                let worker = &mut self.workers[index];
                let room = worker.pace.limit(now).min(worker.wanted);
                if worker.backlog == 0 || worker.pace.in_flight() >= room {
                    break;
                }
                worker.backlog -= 1;
                let sent = worker.pace.sent(now);
                let (took, how) = (self.erp)(self.now, in_flight + 1);
                let ends = ((self.work_at(self.now) + took) * 1e9) as u64;
                self.under_way
                    .push(Reverse((ends, self.calls.len() as u64, index)));
                self.calls.push((sent, how));
            }
        }
    }

    fn end_call(&mut self) {
        let Some(Reverse((_, call, index))) = self.under_way.pop() else {
            return;
        };
        let (sent, how) = self.calls[call as usize];
        let now = self.instant();
        let worker = &mut self.workers[index];
        let found = Found {
            full: worker.pace.in_flight() >= worker.pace.limit(now),
            kept_up: true,
        };
        worker.pace.ended(sent, how, found, now);
        match how {
            Ended::Answered | Ended::Neutral => self.answered.push(self.now),
            Ended::Throttled | Ended::Failed => {
                self.troubled += 1;
                worker.backlog += 1;
            }
        }
    }

    /// Whose heartbeat is due next, and when.
    fn next_beat(&self) -> (usize, f64) {
        let beats = self.workers.iter().map(|worker| worker.beats_at);
        let first = beats.enumerate().min_by(|a, b| a.1.total_cmp(&b.1));
        first.expect("a fleet has workers")
    }

    /// As a worker does it over the ledger.
    fn beat(&mut self, place: usize) {
        loop {
            let worker = &mut self.workers[place];
            let before = worker.share;
            worker.member = Member {
                wanted: worker.backlog + worker.pace.in_flight(),
                more_to_come: false,
                held: before.max(worker.pace.held()),
            };
            let living: Vec<_> = self.workers.iter().map(|worker| worker.member).collect();
            let Lease { share, moving, .. } = lease(MegaConfig::CONCURRENCY, &living, place);
            let pause = if moving { QUICK_HEARTBEAT } else { HEARTBEAT };
            let worker = &mut self.workers[place];
            worker.member.held = worker.member.held.max(share);
            worker.share = share;
            worker.beats_at = self.now + pause.as_secs_f64();
            worker.pace.set_share(share);
            let held: usize = self.workers.iter().map(|worker| worker.member.held).sum();
            assert!(held <= MegaConfig::CONCURRENCY, "{held} held");
            if share >= before {
                return;
            }
        }
    }

    fn instant(&self) -> Instant {
        self.began + Duration::from_secs_f64(self.now)
    }

    fn in_flight(&self) -> usize {
        let in_flight = self.workers.iter().map(|worker| worker.pace.in_flight());
        in_flight.sum()
    }

    fn limit(&self) -> usize {
        let now = self.instant();
        let limits = self.workers.iter().map(|worker| worker.pace.limit(now));
        limits.sum()
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
        draw if draw < 0.02 => (0.05, Ended::Failed),
        draw if draw < 0.12 => (measured(in_flight), Ended::Neutral),
        _ => (measured(in_flight) * (0.5 + noise()), Ended::Answered),
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
fn it_stays_near_what_a_saturated_erp_can_use() {
    // Ten at a time, a second each: more only queue.
    let mut fleet = Fleet::busy(1, answering(|n| (n as f64 / 10.0).max(1.0)));
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
fn a_cold_start_is_that_of_one_worker_whoever_has_the_work() {
    for work in [[150, 150, 150, 150], [570, 10, 10, 10], [0, 0, 0, 600]] {
        let mut fleet = Fleet::new(&work, answering(|_| 2.0));
        fleet.run_until(1.9);
        let in_flight = fleet.in_flight();
        assert!(
            (6..=START as usize).contains(&in_flight),
            "{work:?}: {in_flight}"
        );
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
    assert_eq!(fleet.limit(), START as usize);
    fleet.workers[0].wanted = usize::MAX;
    fleet.run_until(150.0);
    assert!(fleet.limit() >= 64, "{}", fleet.limit());
}

#[test]
fn throttling_cuts_to_a_quarter_and_leaves_no_trace_in_half_a_minute() {
    for workers in [1, 4] {
        let mut fleet = Fleet::busy(
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
    let mut fleet = Fleet::busy(
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
        let mut fleet = Fleet::busy(
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
fn an_erp_ten_times_as_slow_is_told_in_time_and_leaves_no_trace_in_half_a_minute() {
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
fn a_share_of_one_is_one_call_at_a_time_and_of_none_is_none() {
    let mut pace = Pace::new(1, MegaConfig::TIMEOUT);
    let now = Instant::now();
    for _ in 0..100 {
        assert_eq!(pace.limit(now), 1);
        let sent = pace.sent(now);
        let (full, kept_up) = (true, true);
        let found = Found { full, kept_up };
        pace.ended(sent, Ended::Answered, found, now + Duration::from_secs(1));
    }
    assert_eq!(pace.limit(now), 1);
    pace.set_share(0);
    assert_eq!(pace.limit(now), 0);
}

#[test]
fn the_first_calls_hold_their_part_of_the_beginning_until_one_has_ended() {
    let (mut pace, now) = (Pace::new(96, MegaConfig::TIMEOUT), Instant::now());
    pace.set_share(24);
    assert_eq!((pace.limit(now), pace.held()), (2, 0));
    let first = pace.sent(now);
    assert_eq!(pace.held(), 12);
    // The rest of the lease is another's: this call goes on, and none is sent beside it.
    pace.set_share(1);
    assert_eq!((pace.limit(now), pace.held()), (1, 12));
    // Never more than the ledger has been told: a small share holds no more than itself.
    let mut small = Pace::new(96, MegaConfig::TIMEOUT);
    small.set_share(6);
    small.sent(now);
    assert_eq!(small.held(), 6);
    let found = Found {
        full: true,
        kept_up: true,
    };
    pace.set_share(24);
    pace.sent(now);
    assert_eq!(pace.held(), 24);
    pace.ended(first, Ended::Answered, found, now + Duration::from_secs(1));
    assert_eq!(pace.held(), 1);
}

#[test]
fn a_process_that_does_not_keep_up_asks_for_no_more() {
    let mut pace = Pace::new(96, MegaConfig::TIMEOUT);
    let mut now = Instant::now();
    let beginning = pace.limit(now);
    for (kept_up, grows) in [(false, false), (true, true)] {
        for _ in 0..200 {
            let sent = pace.sent(now);
            now += Duration::from_millis(1);
            let found = Found {
                full: true,
                kept_up,
            };
            pace.ended(sent, Ended::Answered, found, now);
        }
        assert_eq!(pace.limit(now) > beginning, grows, "kept up: {kept_up}");
    }
}
