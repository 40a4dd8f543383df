//! How many calls may be in flight: slow start, additive increase, multiplicative decrease (RFC
//! 5681). Pure: time is passed in. `docs/adr/0006-calls-in-flight.md` argues the choice.

use std::time::Duration;

use tokio::time::Instant;

use super::in_flight::{InFlight, SentCall};

/// Where a fleet begins that has learned nothing: the fewest calls at once seen to be harmless.
const START: f64 = 8.0;
/// What trouble leaves of the limit.
const DECREASE: f64 = 0.25;
/// After trouble, slow start ends at this part of where the limit was.
const SLOW_START_UP_TO: f64 = 0.75;
/// Weight of the latest call in the share of failing calls.
const FAILURE_WEIGHT: f64 = 1.0 / 16.0;
/// Failing calls up to this share are the fault of single items.
const FAILURES_TOLERATED: f64 = 0.2;
/// The first pause after a throttled call; each further one in a row doubles it.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(8);

/// How a call ended, as far as the ERP's load goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum CallOutcome {
    /// A whole answer with records.
    Answered,
    /// An answer that says nothing about load: 204, a refused item, a call given up.
    Neutral,
    /// 429, or 503 with Retry-After, and the wait that the ERP asks for.
    Throttled(Option<Duration>),
    /// A timeout, a 5xx, no connection, or a broken answer.
    Failed,
}

/// The limit of this process's calls in flight.
#[derive(Debug)]
pub(super) struct Rules {
    /// Most calls in flight of the whole fleet.
    total: usize,
    /// Of these, the most that are this process's.
    share: usize,
    /// Calls that take longer than a third of it are enough load.
    timeout: Duration,
    /// Where the fleet begins.
    start: f64,
    /// Whether a call has ended; until then the limit is this process's part of `start`.
    begun: bool,
    limit: f64,
    /// Below it each answer raises the limit by one, above it by one for each window of calls.
    slow_start_until: f64,
    in_flight: InFlight,
    /// Share of failing calls among the latest.
    failing: f64,
    /// The first call sent after the last decrease. Calls before it report the same trouble.
    after_decrease: u64,
    grown_since_decrease: bool,
    pause: Duration,
    paused_until: Option<Instant>,
    /// What the whole fleet may have in flight by what this process has seen.
    learned: Option<f64>,
}

impl Rules {
    /// The rules of a process that has the whole total until [`Self::set_share`].
    pub(super) fn new(total: usize, timeout: Duration) -> Self {
        let mut rules = Self {
            total: total.max(1),
            share: total,
            timeout,
            start: START,
            begun: false,
            limit: START,
            slow_start_until: f64::INFINITY,
            in_flight: InFlight::default(),
            failing: 0.0,
            after_decrease: 0,
            grown_since_decrease: true,
            pause: FIRST_PAUSE,
            paused_until: None,
            learned: None,
        };
        rules.set_share(total);
        rules
    }

    /// How many calls may be in flight now.
    pub(super) fn limit(&self, now: Instant) -> usize {
        match self.paused_until {
            Some(until) if now < until => 0,
            _ => (self.limit as usize).min(self.share),
        }
    }

    /// Calls in flight now.
    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.count()
    }

    /// Of the calls of the fleet, the most that are this process's from now on.
    pub(super) fn set_share(&mut self, share: usize) {
        self.share = share;
        if !self.begun {
            self.limit = self.start * share as f64 / self.total as f64;
        }
        self.limit = self.limit.min(share as f64).max(1.0);
    }

    /// Where the fleet begins, by what it learned earlier. Without effect once a call has ended.
    pub(super) fn start_at(&mut self, calls: usize) {
        self.start = calls.clamp(1, self.total) as f64;
        self.set_share(self.share);
    }

    /// What the fleet may have in flight by the latest increase or decrease here.
    pub(super) fn learned(&self) -> Option<usize> {
        self.learned.map(|calls| calls.round() as usize)
    }

    /// How long the fastest answer took; zero while there was none.
    pub(super) fn fastest(&self) -> Duration {
        self.in_flight.fastest()
    }

    /// Notes a call that is sent.
    pub(super) fn sent(&mut self, now: Instant) -> SentCall {
        self.in_flight.sent(now)
    }

    /// Notes a call that has ended, and whether this process kept up: answers did not wait for it.
    pub(super) fn ended(
        &mut self,
        call: SentCall,
        outcome: CallOutcome,
        kept_up: bool,
        now: Instant,
    ) {
        let full = self.in_flight() >= self.limit(now);
        self.begun = true;
        let answered = outcome == CallOutcome::Answered;
        self.in_flight.ended(call, answered, now);
        match outcome {
            CallOutcome::Neutral => {}
            CallOutcome::Answered => {
                self.failing -= self.failing * FAILURE_WEIGHT;
                self.pause = FIRST_PAUSE;
                let in_time = self.in_flight.usual_latency() < self.timeout / 3;
                if full && kept_up && in_time && call.id >= self.after_decrease {
                    self.increase();
                }
            }
            CallOutcome::Throttled(asked) => {
                self.decrease(call);
                self.pause_for(asked, now);
            }
            CallOutcome::Failed => {
                self.failing += (1.0 - self.failing) * FAILURE_WEIGHT;
                if self.failing > FAILURES_TOLERATED {
                    self.decrease(call);
                }
            }
        }
    }

    /// Checks for a stall; called regularly while calls wait for a permit.
    pub(super) fn check_stall(&mut self, now: Instant) {
        if let Some(oldest) = self.in_flight.stalled(now) {
            self.decrease(oldest);
        }
    }

    fn increase(&mut self) {
        let step = match self.limit < self.slow_start_until {
            true => 1.0,
            false => 1.0 / self.limit,
        };
        self.limit = (self.limit + step).min(self.share.max(1) as f64);
        self.grown_since_decrease = true;
        let reached = self.of_the_fleet();
        self.learned = Some(self.learned.map_or(reached, |learned| learned.max(reached)));
    }

    /// Takes the limit down once for all calls sent before the last time.
    fn decrease(&mut self, call: SentCall) {
        if call.id < self.after_decrease {
            return;
        }
        if self.grown_since_decrease {
            self.slow_start_until = self.limit * SLOW_START_UP_TO;
        }
        self.grown_since_decrease = false;
        self.limit = (self.limit * DECREASE).max(1.0);
        self.after_decrease = self.in_flight.next_id();
        self.learned = Some(self.of_the_fleet());
    }

    /// The limit of the fleet of which this process's is a part.
    fn of_the_fleet(&self) -> f64 {
        let total = self.total as f64;
        (self.limit * total / self.share.max(1) as f64).min(total)
    }

    /// Sends nothing for as long as the ERP asks, and for longer each time it asks in a row.
    fn pause_for(&mut self, asked: Option<Duration>, now: Instant) {
        if self.paused_until.is_some_and(|until| now < until) {
            return;
        }
        let pause = self.pause.max(asked.unwrap_or_default());
        self.paused_until = Some(now + pause);
        self.pause = (self.pause * 2).min(LONGEST_PAUSE);
    }
}
