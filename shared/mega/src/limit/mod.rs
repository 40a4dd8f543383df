//! The concurrency limit of the calls to the ERP, for all jobs of the process.

mod in_flight;
mod rules;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

pub(super) use self::rules::CallOutcome;

use self::in_flight::SentCall;
use self::rules::Rules;

/// How often a call that waits looks for a stall, and for the end of a pause.
const LOOK: Duration = Duration::from_millis(250);

/// Bounds the calls in flight. Sign-ins do not count: the whole fleet makes one at a time.
#[derive(Debug)]
pub(super) struct ConcurrencyLimit(Mutex<State>);

#[derive(Debug)]
struct State {
    rules: Rules,
    /// Calls that wait, by the age of their job and then by arrival.
    waiting: BTreeMap<Ticket, oneshot::Sender<SentCall>>,
    next: u64,
    /// Whether any call has been pending since this was asked.
    any_pending: bool,
}

/// A place among those who wait: the number of the job, smaller for an older one, and of the call.
type Ticket = (u64, u64);

/// The right to one call, from sending it to the last byte of its answer.
#[derive(Debug)]
pub(super) struct Permit<'a> {
    limit: &'a ConcurrencyLimit,
    call: SentCall,
    outcome: CallOutcome,
}

impl ConcurrencyLimit {
    /// At most `total` calls of the fleet at once, each no longer than `timeout`.
    pub(super) fn new(total: usize, timeout: Duration) -> Self {
        Self(Mutex::new(State {
            rules: Rules::new(total, timeout),
            waiting: BTreeMap::new(),
            next: 0,
            any_pending: false,
        }))
    }

    /// The most calls at once, as things are.
    pub(super) fn limit(&self) -> usize {
        self.state().rules.limit(Instant::now())
    }

    /// Calls in flight now.
    pub(super) fn in_flight(&self) -> usize {
        self.state().rules.in_flight()
    }

    /// Calls in flight or waiting for a permit; at least one when there were any since the last
    /// time this was asked.
    pub(super) fn take_pending(&self) -> usize {
        let mut state = self.state();
        let pending = state.waiting.len() + state.rules.in_flight();
        let earlier = std::mem::replace(&mut state.any_pending, pending > 0);
        pending.max(usize::from(earlier))
    }

    /// See [`Rules::fastest`].
    pub(super) fn fastest(&self) -> Duration {
        self.state().rules.fastest()
    }

    /// See [`Rules::learned`].
    pub(super) fn learned(&self) -> Option<usize> {
        self.state().rules.learned()
    }

    /// See [`Rules::start_at`].
    pub(super) fn start_at(&self, calls: usize) {
        self.change(|rules| rules.start_at(calls));
    }

    /// Allows another number of calls at once from now on. Those in flight go on.
    pub(super) fn set_share(&self, share: usize) {
        self.change(|rules| rules.set_share(share));
    }

    /// Waits for the right to one call; the oldest job is served first.
    pub(super) async fn acquire(&self, job: u64) -> Permit<'_> {
        let mut waiting = self.enqueue(job);
        let call = loop {
            // Those who wait keep watch: while nobody waits, nothing is held up.
            tokio::select! {
                biased;
                call = &mut waiting.granted => break call.expect("a waiting call is granted"),
                () = tokio::time::sleep(LOOK) => self.change(|rules| rules.look(Instant::now())),
            }
        };
        Permit {
            limit: self,
            call,
            outcome: CallOutcome::Neutral,
        }
    }

    fn enqueue(&self, job: u64) -> Waiting<'_> {
        let (grant, granted) = oneshot::channel();
        let mut state = self.state();
        let ticket = (job, state.next);
        state.next += 1;
        state.any_pending = true;
        state.waiting.insert(ticket, grant);
        state.grant(Instant::now());
        Waiting {
            limit: self,
            ticket,
            granted,
        }
    }

    fn change(&self, change: impl FnOnce(&mut Rules)) {
        let mut state = self.state();
        change(&mut state.rules);
        state.grant(Instant::now());
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Grants permits to those who wait for as long as there are any.
    fn grant(&mut self, now: Instant) {
        while self.rules.in_flight() < self.rules.limit(now) {
            let Some((_, grant)) = self.waiting.pop_first() else {
                return;
            };
            let call = self.rules.sent(now);
            if grant.send(call).is_err() {
                self.rules.ended(call, CallOutcome::Neutral, now);
            }
        }
    }
}

/// A call that waits; dropped, it leaves no trace.
struct Waiting<'a> {
    limit: &'a ConcurrencyLimit,
    ticket: Ticket,
    granted: oneshot::Receiver<SentCall>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.limit.state().waiting.remove(&self.ticket);
        // Granted, and nobody has taken it.
        if let Ok(call) = self.granted.try_recv() {
            let neutral = CallOutcome::Neutral;
            self.limit
                .change(|rules| rules.ended(call, neutral, Instant::now()));
        }
    }
}

impl Permit<'_> {
    /// Ends the call. A permit that is dropped instead says nothing about the ERP.
    pub(super) fn end(mut self, outcome: CallOutcome) {
        self.outcome = outcome;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        let (call, outcome) = (self.call, self.outcome);
        self.limit
            .change(|rules| rules.ended(call, outcome, Instant::now()));
    }
}
