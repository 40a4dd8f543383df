//! Permits for calls: each call in flight holds one, and the oldest job is served first.

use std::collections::BTreeMap;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;
use tokio::time::Instant;

use super::in_flight::SentCall;
use super::load::Load;
use super::rules::{CallOutcome, Rules};

/// How often a waiting call checks for a stall and for the end of a pause.
const CHECK_INTERVAL: Duration = Duration::from_millis(250);

/// Bounds the calls in flight. Sign-ins do not count: the whole fleet makes one at a time.
#[derive(Debug)]
pub(crate) struct ConcurrencyLimit(Mutex<State>);

#[derive(Debug)]
struct State {
    rules: Rules,
    load: Load,
    /// Calls that wait, by the age of their job and then by arrival.
    waiting: BTreeMap<Ticket, oneshot::Sender<SentCall>>,
    next: u64,
    /// Whether any call has been pending since this was asked.
    any_pending: bool,
}

/// A position in the queue: the number of the job, smaller for an older one, and of the call.
type Ticket = (u64, u64);

/// The right to one call, from sending it to the last byte of its answer.
#[derive(Debug)]
pub(crate) struct Permit<'a> {
    limit: &'a ConcurrencyLimit,
    call: SentCall,
    outcome: CallOutcome,
}

impl ConcurrencyLimit {
    /// At most `total` calls of the fleet at once, each no longer than `timeout`.
    pub(crate) fn new(total: usize, timeout: Duration) -> Self {
        Self(Mutex::new(State {
            rules: Rules::new(total, timeout),
            load: Load::from(Instant::now()),
            waiting: BTreeMap::new(),
            next: 0,
            any_pending: false,
        }))
    }

    /// The most calls at once now.
    pub(crate) fn limit(&self) -> usize {
        self.state().rules.limit(Instant::now())
    }

    /// Calls in flight now.
    pub(crate) fn in_flight(&self) -> usize {
        self.state().rules.in_flight()
    }

    /// Calls in flight or waiting for a permit; at least one when there were any since the last
    /// time this was asked.
    pub(crate) fn take_pending(&self) -> usize {
        let mut state = self.state();
        let pending = state.waiting.len() + state.rules.in_flight();
        let earlier = std::mem::replace(&mut state.any_pending, pending > 0);
        pending.max(usize::from(earlier))
    }

    /// See [`Rules::fastest`].
    pub(crate) fn fastest(&self) -> Duration {
        self.state().rules.fastest()
    }

    /// See [`Rules::learned`].
    pub(crate) fn learned(&self) -> Option<usize> {
        self.state().rules.learned()
    }

    /// See [`Rules::start_at`].
    pub(crate) fn start_at(&self, calls: usize) {
        self.change(|rules| rules.start_at(calls));
    }

    /// Allows another number of calls at once from now on. Those in flight go on.
    pub(crate) fn set_share(&self, share: usize) {
        self.change(|rules| rules.set_share(share));
    }

    /// Waits for a permit; calls of the oldest job are served first.
    pub(crate) async fn acquire(&self, job: u64) -> Permit<'_> {
        let mut waiting = self.enqueue(job);
        let call = loop {
            // Waiting calls do the checking: while none waits, a stall delays no call.
            tokio::select! {
                biased;
                call = &mut waiting.granted => break call.expect("a waiting call is granted"),
                () = tokio::time::sleep(CHECK_INTERVAL) => {
                    self.change(|rules| rules.check_stall(Instant::now()));
                }
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

    fn end(&self, call: SentCall, outcome: CallOutcome) {
        let (mut state, now) = (self.state(), Instant::now());
        state.end(call, outcome, now);
        state.grant(now);
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
    fn end(&mut self, call: SentCall, outcome: CallOutcome, now: Instant) {
        let kept_up = self.load.has_spare_time(now);
        self.rules.ended(call, outcome, kept_up, now);
    }

    /// Grants permits to waiting calls while the limit allows more.
    fn grant(&mut self, now: Instant) {
        while self.rules.in_flight() < self.rules.limit(now) {
            let Some((_, grant)) = self.waiting.pop_first() else {
                return;
            };
            if self.rules.in_flight() == 0 {
                // What was before says nothing about how busy the process is now.
                self.load = Load::from(now);
            }
            let call = self.rules.sent(now);
            if grant.send(call).is_err() {
                self.end(call, CallOutcome::Neutral, now);
            }
        }
    }
}

/// A waiting call; leaves the queue when dropped.
struct Waiting<'a> {
    limit: &'a ConcurrencyLimit,
    ticket: Ticket,
    granted: oneshot::Receiver<SentCall>,
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.limit.state().waiting.remove(&self.ticket);
        // Granted in the meantime: the permit goes back.
        if let Ok(call) = self.granted.try_recv() {
            self.limit.end(call, CallOutcome::Neutral);
        }
    }
}

impl Permit<'_> {
    /// Ends the call. A permit that is dropped instead says nothing about the ERP.
    pub(crate) fn end(mut self, outcome: CallOutcome) {
        self.outcome = outcome;
    }
}

impl Drop for Permit<'_> {
    fn drop(&mut self) {
        self.limit.end(self.call, self.outcome);
    }
}
