//! How many calls to the ERP may be in flight: as many as raise what it delivers, and far fewer as
//! soon as it asks for that, fails, or stalls. Pure: time is passed in. The choice of the rules is
//! argued in `docs/adr/0006-calls-in-flight.md`.

mod rounds;
#[cfg(test)]
mod simulated;
mod stall;

use std::time::Duration;

use tokio::time::Instant;

use self::rounds::Rounds;
use self::stall::StallWatch;

/// Where a fleet begins: the fewest calls at once that have been seen to be harmless.
const START: f64 = 8.0;
/// What one sign of trouble leaves of the limit.
const CUT: f64 = 0.5;
/// What the calls of one window may at most cost together, and what a stall costs at once.
const DEEPEST_CUT: f64 = 0.25;
/// After trouble the fast climb ends at this part of where it began.
const FAST_UP_TO: f64 = 0.75;
/// How much one answer adds in the careful climb: an eighth of the limit for each window of calls.
const CAREFUL_STEP: f64 = 1.0 / 8.0;
/// How long nothing is tried after more calls brought no more answers.
const REST: Duration = Duration::from_secs(60);
/// Weight of the latest call in the share of failing ones.
const FAILURE_WEIGHT: f64 = 1.0 / 16.0;
/// Fewer failing calls than this share are the calls' own misfortune.
const FAILURES_TOLERATED: f64 = 0.2;
/// The first pause when the only call left in flight is throttled, and the longest.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// How a call ended, as far as the pace goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Ended {
    /// With a whole answer of records.
    Answered,
    /// With an answer that says nothing about the ERP's load: 204, a refused item, a call given up.
    Neutral,
    /// 429, or 503 with Retry-After.
    Throttled,
    /// With a timeout, a 5xx, no connection, or a broken answer.
    Failed,
}

/// How things stood when a call ended.
#[derive(Debug, Clone, Copy)]
pub(super) struct Found {
    /// As many calls were in flight as may be.
    pub full: bool,
    /// This process had time to spare: answers did not wait for it.
    pub kept_up: bool,
}

impl Found {
    /// Whether the limit was put to the test: only then can more calls, or fewer, tell of the ERP.
    const fn tests_the_limit(self) -> bool {
        self.full && self.kept_up
    }
}

/// A call that was sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sent {
    id: u64,
    /// Of how many cuts it was sent under the last.
    cuts: u64,
    at: Instant,
}

/// The limit of the calls in flight, and what it goes by.
#[derive(Debug)]
pub(super) struct Pace {
    /// The fleet's total.
    total: usize,
    /// This process's share of it.
    share: usize,
    /// Whether any call has ended.
    begun: bool,
    /// How many of the total the first calls hold, until one has ended.
    first_hold: usize,
    /// Calls take no longer than this; a latency near it is trouble to come.
    timeout: Duration,
    limit: f64,
    /// Below it each answer adds a whole call.
    fast_until: f64,
    rests_until: Option<Instant>,
    rounds: Rounds,
    stalls: StallWatch,
    /// Share of failing calls among the latest.
    failing: f64,
    cuts: u64,
    /// The least that trouble of calls sent before the last cut may leave.
    floor: f64,
    /// The limit before a series of cuts that no growth interrupted.
    before_cuts: f64,
    grown_since_cut: bool,
    pause: Duration,
    paused_until: Option<Instant>,
}

impl Pace {
    /// The pace of a process that has the whole total, until it is told its share.
    pub(super) fn new(total: usize, timeout: Duration) -> Self {
        Self {
            total,
            share: total,
            begun: false,
            first_hold: 0,
            timeout,
            limit: START,
            fast_until: f64::INFINITY,
            rests_until: None,
            rounds: Rounds::default(),
            stalls: StallWatch::default(),
            failing: 0.0,
            cuts: 0,
            floor: 1.0,
            before_cuts: START,
            grown_since_cut: true,
            pause: FIRST_PAUSE,
            paused_until: None,
        }
    }

    /// How many calls may be in flight now.
    pub(super) fn limit(&self, now: Instant) -> usize {
        match self.paused_until {
            Some(until) if now < until => 0,
            _ => (self.limit as usize).min(self.share),
        }
    }

    pub(super) fn in_flight(&self) -> usize {
        self.stalls.in_flight()
    }

    /// How many of the fleet's calls those in flight hold, whatever the share is by now. The first
    /// ones, until one has ended, each hold what of the total they are of the beginning: who takes
    /// over the rest of the share must not begin with it as well.
    pub(super) fn held(&self) -> usize {
        self.in_flight().max(self.first_hold)
    }

    /// Another share of the fleet's total. The beginning is shared as well: a worker that knows of no
    /// trouble may have its part of it at once. Beyond that, what a share gains is climbed to by what
    /// the ERP delivers: the worker that gives calls up may never have made them.
    pub(super) fn set_share(&mut self, share: usize) {
        let beginning = START * share as f64 / self.total.max(1) as f64;
        if !self.begun && self.in_flight() == 0 {
            self.limit = beginning;
        } else if self.fast_until == f64::INFINITY {
            self.limit = self.limit.max(beginning);
        }
        self.share = share;
        self.limit = self.limit.min(share as f64).max(1.0);
    }

    /// A call is sent.
    pub(super) fn sent(&mut self, now: Instant) -> Sent {
        self.rounds.sent(self.limit, now);
        let sent = Sent {
            id: self.stalls.sent(now),
            cuts: self.cuts,
            at: now,
        };
        if !self.begun {
            let hold = self.in_flight() as f64 * self.total as f64 / START;
            self.first_hold = self.first_hold.max(self.share.min(hold as usize));
        }
        sent
    }

    /// A call has ended.
    pub(super) fn ended(&mut self, call: Sent, how: Ended, found: Found, now: Instant) {
        self.begun = true;
        self.first_hold = 0;
        let took = now - call.at;
        self.stalls
            .ended(call.id, how == Ended::Answered, found.full, now);
        match how {
            Ended::Neutral => {}
            Ended::Throttled => {
                self.cut(call);
                self.pause_at_the_bottom(now);
            }
            // Nearly timed out: with this many calls the next ones will.
            Ended::Answered if took < self.timeout * 2 / 3 => {
                self.failing -= self.failing * FAILURE_WEIGHT;
                self.answered(call, found.tests_the_limit(), now);
            }
            Ended::Answered | Ended::Failed => {
                self.failing += (1.0 - self.failing) * FAILURE_WEIGHT;
                if self.failing > FAILURES_TOLERATED {
                    self.cut(call);
                }
            }
        }
    }

    /// To be called now and then while calls wait for room: notices what no answer tells.
    pub(super) fn look(&mut self, now: Instant) {
        if self.stalls.is_stalled(now) {
            self.begin_cut();
            self.limit = self.floor;
        }
    }

    fn answered(&mut self, call: Sent, tested: bool, now: Instant) {
        self.pause = FIRST_PAUSE;
        self.paused_until = None;
        if tested && call.cuts == self.cuts && self.may_climb(now) {
            let step = if self.limit < self.fast_until {
                1.0
            } else {
                CAREFUL_STEP
            };
            self.limit = (self.limit + step).min(self.share.max(1) as f64);
            self.grown_since_cut = true;
        }
        let most = self.share as f64;
        if let Some(limit) = self.rounds.answered(self.limit, most, tested, now) {
            // More calls brought nothing: this many had sufficed.
            self.cuts += 1;
            self.limit = limit.min(self.limit);
            self.fast_until = self.limit;
            self.rests_until = Some(now + REST);
        }
    }

    fn may_climb(&self, now: Instant) -> bool {
        let rested = self.rests_until.is_none_or(|until| now >= until);
        // Tripled, as one window of doubling can do with an overloaded ERP, it is still in time.
        let in_time = self.stalls.latency() < self.timeout / 3;
        rested && in_time && !self.rounds.in_doubt()
    }

    /// One sign of trouble, met by a call. A window full of such signs cuts to a quarter; signs met
    /// by calls sent after that cut again.
    fn cut(&mut self, call: Sent) {
        if call.cuts == self.cuts {
            self.begin_cut();
        }
        self.limit = (self.limit * CUT).max(self.floor);
    }

    fn begin_cut(&mut self) {
        if self.grown_since_cut {
            self.before_cuts = self.limit;
        }
        self.grown_since_cut = false;
        self.cuts += 1;
        self.floor = (self.limit * DEEPEST_CUT).max(1.0);
        self.fast_until = self.before_cuts * FAST_UP_TO;
        self.rests_until = None;
        self.rounds = Rounds::default();
    }

    /// Below one call in flight there are only pauses between calls.
    fn pause_at_the_bottom(&mut self, now: Instant) {
        let paused = self.paused_until.is_some_and(|until| now < until);
        if self.limit < 2.0 && !paused {
            self.paused_until = Some(now + self.pause);
            self.pause = (self.pause * 2).min(LONGEST_PAUSE);
        }
    }
}
