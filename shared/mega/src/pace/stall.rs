//! An ERP that stalls, told from the ages of the calls in flight before any of them ends.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

/// Weight of the latest call in the usual latency.
const WEIGHT: f64 = 1.0 / 8.0;
/// A call in flight for longer than its due time by this factor is overdue.
const OVERDUE: f64 = 1.25;
/// Overdue calls that make a stall, rather than one difficult item each.
const OVERDUE_CALLS: usize = 3;
/// A silence is unusual when so many calls would have ended in it: where they end by chance, one
/// silence in 20,000 is that long.
const UNUSUAL: f64 = 10.0;
/// An ERP that has become slow still ends a call now and then: so many may have ended in a time that
/// is unusual when this many would have. By chance, one time in 100,000 is.
const TRICKLE: usize = 2;
const UNUSUAL_TRICKLE: f64 = 17.0;
/// No shorter silence is taken for a stall: networks hiccup.
const SHORTEST_SILENCE: Duration = Duration::from_millis(1_500);
/// When nobody looked for this long, it was this process that stood still.
const LOOKED_AWAY: Duration = Duration::from_secs(1);

#[derive(Debug)]
struct Call {
    at: Instant,
    /// How many were in flight with it when it was sent.
    among: f64,
}

/// What is usual of late: a latency, and the calls in flight that it came with.
#[derive(Debug, Clone, Copy)]
struct Usual {
    seconds: f64,
    among: f64,
}

/// The calls in flight, and what is to be expected of them.
#[derive(Debug, Default)]
pub(super) struct StallWatch {
    calls: BTreeMap<u64, Call>,
    next: u64,
    usual: Option<Usual>,
    /// When the latest calls ended, oldest first.
    ends: VecDeque<Instant>,
    last_look: Option<Instant>,
    /// Every place was taken at the last end of a call.
    full: bool,
    /// The first call after the last stall that was told: those before say nothing new.
    after_stall: u64,
}

impl StallWatch {
    pub(super) fn in_flight(&self) -> usize {
        self.calls.len()
    }

    /// The usual latency; zero while none is known.
    pub(super) fn latency(&self) -> Duration {
        let seconds = self.usual.map_or(0.0, |usual| usual.seconds);
        Duration::from_secs_f64(seconds)
    }

    /// Notes a call that is sent, and gives it an id.
    pub(super) fn sent(&mut self, now: Instant) -> u64 {
        let id = self.next;
        self.next += 1;
        let among = (self.calls.len() + 1) as f64;
        self.calls.insert(id, Call { at: now, among });
        id
    }

    /// Notes a call that ended, with an answer of records or otherwise.
    pub(super) fn ended(&mut self, id: u64, answered: bool, full: bool, now: Instant) {
        if self.ends.len() > TRICKLE {
            self.ends.pop_front();
        }
        self.ends.push_back(now);
        self.full = full;
        if let Some(call) = self.calls.remove(&id).filter(|_| answered) {
            let seconds = (now - call.at).as_secs_f64();
            let usual = self.usual.get_or_insert(Usual {
                seconds,
                among: call.among,
            });
            usual.seconds += (seconds - usual.seconds) * WEIGHT;
            usual.among += (call.among - usual.among) * WEIGHT;
        }
    }

    /// Whether answers stay out that were due. True once for each stall.
    pub(super) fn is_stalled(&mut self, now: Instant) -> bool {
        let looked = self.last_look.replace(now);
        if looked.is_none_or(|looked| now - looked > LOOKED_AWAY) {
            return false;
        }
        let Some(usual) = self.usual.filter(|_| self.full) else {
            return false;
        };
        let (silence, trickle) = (self.heard(0, now), self.heard(TRICKLE, now));
        let due = |time: Duration| time.as_secs_f64() * self.calls.len() as f64 / usual.seconds;
        // Fewer calls in flight leave longer silences; then half of them must be overdue.
        let unusual = due(silence) > UNUSUAL || due(trickle) > UNUSUAL_TRICKLE;
        let calls = if unusual {
            OVERDUE_CALLS
        } else {
            OVERDUE_CALLS.max(self.calls.len() / 2)
        };
        let quiet = if unusual {
            silence.max(trickle)
        } else {
            silence
        };
        let stalled = quiet > SHORTEST_SILENCE && self.are_overdue(calls, usual, now);
        if stalled {
            self.after_stall = self.next;
        }
        stalled
    }

    /// The time in which no more than so many calls have ended.
    fn heard(&self, ends: usize, now: Instant) -> Duration {
        let before = self.ends.iter().rev().nth(ends).copied();
        // Before the first end, and after a time without calls, it begins with the oldest call.
        let oldest = self.calls.values().next().map(|call| call.at);
        match before.max(oldest) {
            Some(since) => now - since,
            None => Duration::ZERO,
        }
    }

    /// Whether so many calls are, of those sent since the last stall: the oldest ones are so first.
    fn are_overdue(&self, calls: usize, usual: Usual, now: Instant) -> bool {
        let mut new = self.calls.range(self.after_stall..);
        new.nth(calls - 1).is_some_and(|(_, call)| {
            // An ERP at its ceiling takes twice as long for twice the calls.
            let due = usual.seconds * (call.among / usual.among).max(1.0);
            (now - call.at).as_secs_f64() > due * OVERDUE
        })
    }
}
