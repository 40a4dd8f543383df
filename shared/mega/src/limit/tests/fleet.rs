//! A fleet and an ERP in virtual time: each worker with its own limit and its own lease.

use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::ops::Range;

use std::time::Duration;

use domain::fleet::{HEARTBEAT, Member, lease};
use tokio::time::Instant;

use super::super::in_flight::SentCall;
use super::super::rules::{CallOutcome, Rules};
use crate::MegaConfig;

/// Calls per second that no number of parallel calls exceeds, with the measured latency.
pub(super) const CEILING: f64 = 1.0 / PER_CALL;
const BASE: f64 = 1.17;
const PER_CALL: f64 = 0.0958;
const LOOK: f64 = 0.25;
const SLOWNESS: f64 = 10.0;

/// How the ERP takes a call, by the time and the calls in flight with it: after how many seconds it
/// ends, and how.
pub(super) type Erp = Box<dyn FnMut(f64, usize) -> (f64, CallOutcome)>;

/// The latency measured.
pub(super) fn measured(in_flight: usize) -> f64 {
    BASE + PER_CALL * in_flight as f64
}

pub(super) fn answering(latency: impl Fn(usize) -> f64 + 'static) -> Erp {
    Box::new(move |_, in_flight| (latency(in_flight), CallOutcome::Answered))
}

/// A fleet that calls an ERP, each worker at its own speed and with its own lease.
pub(super) struct Fleet {
    erp: Erp,
    /// From when to when the ERP gets on by a tenth: calls under way too.
    pub(super) slow: Range<f64>,
    began: Instant,
    pub(super) now: f64,
    pub(super) workers: Vec<Worker>,
    /// Calls under way, the next to end first: at which nanosecond of the ERP's work, which, whose.
    under_way: BinaryHeap<Reverse<(u64, u64, usize)>>,
    pub(super) calls: Vec<(SentCall, CallOutcome)>,
    looked: f64,
    pub(super) answered: Vec<f64>,
    pub(super) troubled: u64,
}

pub(super) struct Worker {
    pub(super) rules: Rules,
    share: usize,
    /// Its lease, as the ledger has it.
    member: Member,
    /// Most calls that it wants in flight.
    pub(super) wanted: usize,
    /// Calls still to be sent; those that fail are sent again.
    pub(super) backlog: usize,
    /// When its next heartbeat is due.
    beats_at: f64,
}

impl Fleet {
    /// A fleet that has waited for work, and now gets so much for each worker.
    pub(super) fn new(work: &[usize], erp: Erp) -> Self {
        let idle = || Worker {
            rules: Rules::new(MegaConfig::CONCURRENCY, MegaConfig::TIMEOUT),
            share: 0,
            member: Member {
                pending: false,
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
    pub(super) fn busy(workers: usize, erp: Erp) -> Self {
        // Not so much that adding what is in flight overflows.
        Self::new(&vec![usize::MAX / 2; workers], erp)
    }

    /// Lets time pass up to a second since the beginning, or until there is nothing left to do.
    pub(super) fn run_until(&mut self, end: f64) {
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
                    worker.rules.check_stall(now);
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
                let most = worker.rules.limit(now).min(worker.wanted);
                if worker.backlog == 0 || worker.rules.in_flight() >= most {
                    break;
                }
                worker.backlog -= 1;
                let sent = worker.rules.sent(now);
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
        worker.rules.ended(sent, how, true, now);
        match how {
            CallOutcome::Answered | CallOutcome::Neutral => self.answered.push(self.now),
            CallOutcome::Throttled(_) | CallOutcome::Failed => {
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
                pending: worker.backlog + worker.rules.in_flight() > 0,
                held: before.max(worker.rules.in_flight()),
            };
            let living: Vec<_> = self.workers.iter().map(|worker| worker.member).collect();
            let share = lease(MegaConfig::CONCURRENCY, &living, place);
            let worker = &mut self.workers[place];
            worker.member.held = worker.member.held.max(share);
            worker.share = share;
            worker.beats_at = self.now + HEARTBEAT.as_secs_f64();
            worker.rules.set_share(share);
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

    pub(super) fn in_flight(&self) -> usize {
        let in_flight = self.workers.iter().map(|worker| worker.rules.in_flight());
        in_flight.sum()
    }

    pub(super) fn limit(&self) -> usize {
        let now = self.instant();
        let limits = self.workers.iter().map(|worker| worker.rules.limit(now));
        limits.sum()
    }

    /// Answers per second between two seconds.
    pub(super) fn rate(&self, from: f64, to: f64) -> f64 {
        let between = |at: &&f64| (from..to).contains(*at);
        self.answered.iter().filter(between).count() as f64 / (to - from)
    }

    /// The second, after `from`, from which on no more than so many are in flight.
    pub(super) fn until_in_flight(&mut self, most: usize, from: f64) -> f64 {
        self.until(from, |fleet| fleet.in_flight() <= most)
    }

    pub(super) fn until(&mut self, from: f64, holds: impl Fn(&Self) -> bool) -> f64 {
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
pub(super) fn noise() -> impl FnMut() -> f64 {
    let mut state = fastrand::Rng::with_seed(7);
    move || state.f64()
}
