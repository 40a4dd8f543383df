//! What has been asked of the simulator: the events that tests wait for.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::watch;

use crate::call::{Call, Route};

/// Counts since the start or the last reset. Control calls are not counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counters {
    /// Calls that have arrived, by route, whatever became of them.
    pub calls: BTreeMap<Route, u64>,
    /// `DadosParcelas` calls that have arrived, by `cod_contrato`.
    pub parcelas_calls: BTreeMap<i64, u64>,
    /// Sign-ins that gave tokens.
    pub sign_ins_ok: u64,
    /// Sign-ins refused: wrong credentials, missing headers, a locked account.
    pub sign_ins_refused: u64,
    /// Refreshes that gave tokens.
    pub refreshes_ok: u64,
    /// Refreshes refused.
    pub refreshes_refused: u64,
    /// Data calls answered 401 because of their token.
    pub unauthorized: u64,
    /// Faults served, by their kind's name.
    pub faults: BTreeMap<String, u64>,
    /// Data calls in flight now.
    pub in_flight: u64,
    /// The most data calls that were in flight at once.
    pub peak_in_flight: u64,
    /// Calls now held by a gate.
    pub at_gate: u64,
}

impl Counters {
    /// Calls of a route that have arrived.
    pub fn calls_of(&self, route: Route) -> u64 {
        self.calls.get(&route).copied().unwrap_or(0)
    }

    /// Faults served, of all kinds.
    pub fn faults_served(&self) -> u64 {
        self.faults.values().sum()
    }

    fn reset(&mut self) {
        // What is going on now stays true.
        *self = Self {
            in_flight: self.in_flight,
            peak_in_flight: self.in_flight,
            at_gate: self.at_gate,
            ..Self::default()
        };
    }
}

/// The counters as a watched value, so that waiting for a count is waiting for an event.
#[derive(Clone)]
pub(crate) struct Tally(Arc<watch::Sender<Counters>>);

impl Tally {
    pub fn new() -> Self {
        Self(Arc::new(watch::Sender::new(Counters::default())))
    }

    pub fn snapshot(&self) -> Counters {
        self.0.borrow().clone()
    }

    pub fn reset(&self) {
        self.0.send_modify(Counters::reset);
    }

    pub fn count(&self, change: impl FnOnce(&mut Counters)) {
        self.0.send_modify(change);
    }

    pub async fn wait_until(&self, holds: impl FnMut(&Counters) -> bool) -> Counters {
        match self.0.subscribe().wait_for(holds).await {
            Ok(counters) => counters.clone(),
            Err(_) => unreachable!("the sender lives in self"),
        }
    }

    /// Counts an arrival; a data call is in flight until the guard is dropped.
    pub fn arrive(&self, call: Call) -> InFlight {
        let is_data = call.route().is_data();
        let mut now = 0;
        self.count(|counters| {
            *counters.calls.entry(call.route()).or_default() += 1;
            if let Some(contrato) = call.contrato() {
                *counters.parcelas_calls.entry(contrato).or_default() += 1;
            }
            counters.in_flight += u64::from(is_data);
            counters.peak_in_flight = counters.peak_in_flight.max(counters.in_flight);
            now = counters.in_flight;
        });
        InFlight {
            tally: is_data.then(|| self.clone()),
            on_arrival: now,
        }
    }

    /// Counts a call as held by a gate until the guard is dropped, also by a client giving up.
    pub fn at_gate(&self) -> AtGate<'_> {
        self.count(|counters| counters.at_gate += 1);
        AtGate(self)
    }
}

pub(crate) struct InFlight {
    tally: Option<Tally>,
    /// Data calls in flight when this one arrived, itself included.
    pub on_arrival: u64,
}

impl Drop for InFlight {
    fn drop(&mut self) {
        if let Some(tally) = &self.tally {
            tally.count(|counters| counters.in_flight -= 1);
        }
    }
}

pub(crate) struct AtGate<'a>(&'a Tally);

impl Drop for AtGate<'_> {
    fn drop(&mut self) {
        self.0.count(|counters| counters.at_gate -= 1);
    }
}
