//! The calls in flight, and whether the ERP has stalled: answers that are due stay out.

use std::collections::{BTreeMap, VecDeque};
use std::time::Duration;

use tokio::time::Instant;

/// Weight of the latest call in the usual latency.
const WEIGHT: f64 = 1.0 / 8.0;
/// The oldest call is overdue when it takes longer than expected by this factor.
const OVERDUE: f64 = 1.25;
/// A time is unusual in which at most so many calls ended (none, or two, because an ERP at a tenth
/// of its speed still ends some) and so many usually end: by chance, one time in 20,000 or fewer is.
const UNUSUAL: [(usize, f64); 2] = [(0, 10.0), (2, 17.0)];
/// Networks hiccup: no shorter time is a stall.
const SHORTEST: Duration = Duration::from_secs(2);

/// A call that was sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct SentCall {
    /// Rises with each call.
    pub(super) id: u64,
    at: Instant,
    /// How many were in flight with it.
    among: f64,
}

/// The calls in flight, and the latency of those that ended.
#[derive(Debug, Default)]
pub(super) struct InFlight {
    calls: BTreeMap<u64, SentCall>,
    next_id: u64,
    /// Of the latest calls that were answered: seconds, and calls in flight with them.
    usual: Option<(f64, f64)>,
    fastest: Option<Duration>,
    /// When the latest calls ended, latest first.
    ends: VecDeque<Instant>,
}

impl InFlight {
    pub(super) fn count(&self) -> usize {
        self.calls.len()
    }

    /// The id of the next call.
    pub(super) fn next_id(&self) -> u64 {
        self.next_id
    }

    /// How long a call usually takes; zero while none was answered.
    pub(super) fn usual_latency(&self) -> Duration {
        Duration::from_secs_f64(self.usual.map_or(0.0, |(seconds, _)| seconds))
    }

    /// How long the fastest answered call took; zero while there was none.
    pub(super) fn fastest(&self) -> Duration {
        self.fastest.unwrap_or_default()
    }

    pub(super) fn sent(&mut self, now: Instant) -> SentCall {
        let call = SentCall {
            id: self.next_id,
            at: now,
            among: (self.calls.len() + 1) as f64,
        };
        self.next_id += 1;
        self.calls.insert(call.id, call);
        call
    }

    pub(super) fn ended(&mut self, call: SentCall, answered: bool, now: Instant) {
        self.calls.remove(&call.id);
        self.ends.push_front(now);
        self.ends.truncate(UNUSUAL[1].0 + 1);
        if answered {
            let took = now - call.at;
            self.fastest = Some(self.fastest.map_or(took, |fastest| fastest.min(took)));
            let seconds = took.as_secs_f64();
            let (usual, among) = self.usual.get_or_insert((seconds, call.among));
            *usual += (seconds - *usual) * WEIGHT;
            *among += (call.among - *among) * WEIGHT;
        }
    }

    /// The oldest call, where it is overdue and unusually few have ended of late.
    pub(super) fn stalled(&self, now: Instant) -> Option<SentCall> {
        let (usual, usual_among) = self.usual?;
        let oldest = *self.calls.values().next()?;
        let usual_ends = |time: Duration| time.as_secs_f64() * self.calls.len() as f64 / usual;
        let unusual = UNUSUAL.into_iter().any(|(ended, due)| {
            // Before the first end, and after a time without calls, it begins with the oldest call.
            let since = self.ends.get(ended).copied().max(Some(oldest.at));
            let time = since.map_or(Duration::ZERO, |since| now - since);
            time > SHORTEST && usual_ends(time) > due
        });
        // An ERP at its ceiling takes twice as long for twice the calls.
        let expected = usual * (oldest.among / usual_among).max(1.0);
        let overdue = (now - oldest.at).as_secs_f64() > expected * OVERDUE;
        (unusual && overdue).then_some(oldest)
    }
}
