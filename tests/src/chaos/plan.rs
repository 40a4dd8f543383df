//! What goes wrong when: all of it drawn from a seed.

use std::time::Duration;

use fastrand::Rng;
use simulator::{Fault, FaultKind, Lie, Route, Selector};

use super::moment::{LENGTH_MS, moment};
use super::moves::Move;
use super::{lies, moves};

/// Workers of a chaos run.
pub const WORKERS: usize = 3;

/// A service on the other end of a worker's link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Link {
    /// RabbitMQ.
    Broker,
    /// PostgreSQL.
    Database,
    /// The ERP.
    Erp,
}

/// One thing that happens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Event {
    /// A worker is killed, and started again at once.
    Kill(usize),
    /// A worker is stopped where it is.
    Stall(usize),
    /// A stalled worker goes on.
    Wake(usize),
    /// A worker's connections to a service are closed.
    Cut(usize, Link),
    /// A worker's link becomes slow: each chunk of 16 KiB waits this long.
    Slow(usize, Link, Duration),
    /// A service refuses all workers.
    Away(Link),
    /// It is back.
    Back(Link),
    /// A service, RabbitMQ or PostgreSQL, is restarted itself.
    Restart(Link),
    /// The operator enqueues the same run again.
    SecondRun,
    /// A person or a schedule does something.
    Move(Move),
}

/// A seed's run.
#[derive(Debug)]
pub struct Plan {
    /// What it was drawn from.
    pub seed: u64,
    /// Whether a clean run comes first, whose figures are then spoiled by hand: only with something
    /// to compare with can an empty answer be told from a true one.
    pub spoiled: bool,
    /// Seconds that each call to the ERP takes while the schedule lasts.
    pub latency_seconds: f64,
    /// How long the ERP's tokens live.
    pub token_lifetime: Duration,
    /// Jobs a worker has in hand.
    pub jobs_at_once: u8,
    /// What the ERP does wrong.
    pub faults: Vec<Fault>,
    /// Its untrue answers.
    pub lies: Vec<Lie>,
    /// What happens, in order, counted from the beginning.
    pub events: Vec<(Duration, Event)>,
}

impl Plan {
    /// The plan of a seed, always the same.
    pub fn of(seed: u64) -> Self {
        let mut rng = Rng::with_seed(seed);
        let spoiled = rng.bool();
        Self {
            seed,
            spoiled,
            latency_seconds: f64::from(rng.u32(200..450)) / 1000.0,
            token_lifetime: Duration::from_secs(rng.u64(3..20)),
            jobs_at_once: rng.u8(1..5),
            faults: faults(&mut rng, spoiled),
            events: with_moves(seed, events(&mut rng)),
            lies: lies::some(&mut rng, spoiled),
        }
    }

    /// Whether something happens in it.
    pub fn has(&self, wanted: Event) -> bool {
        self.events.iter().any(|(_, event)| *event == wanted)
    }

    /// The same, and in every second seed a service restarted in the middle of it.
    pub fn with_restarts(mut self) -> Self {
        let service = match self.seed % 4 {
            0 => Link::Broker,
            2 => Link::Database,
            _ => return self,
        };
        let half = Duration::from_millis(LENGTH_MS / 2);
        let later = self.events.partition_point(|(at, _)| *at < half);
        self.events.insert(later, (half, Event::Restart(service)));
        self
    }
}

/// Up to four kinds, together at 1 to 30 % of the calls.
fn faults(rng: &mut Rng, spoiled: bool) -> Vec<Fault> {
    let kinds = 1 + rng.usize(..4);
    let share = f64::from(rng.u32(1..=30)) / 100.0 / kinds as f64;
    let mut faults: Vec<Fault> = (0..kinds)
        .flat_map(|_| {
            let kind = kind(rng);
            // First come, first served: the later of two rules sees only what the first left.
            let routes = [
                Route::DadosContrato,
                Route::DadosParcelas,
                Route::FaturaPagar,
                Route::FaturaPagarEmAberto,
            ];
            routes.map(|route| Fault::share(share, Selector::route(route), kind.clone()))
        })
        .collect();
    if spoiled {
        // An empty list is well-formed: only of what had more before is it known to be wrong.
        for route in [Route::DadosContrato, Route::FaturaPagar] {
            faults.push(Fault::share(
                share,
                Selector::route(route),
                FaultKind::EmptyList,
            ));
        }
    }
    for route in [Route::SignIn, Route::RefreshToken] {
        let kind = rng.choice([
            status(500, None),
            FaultKind::ResetConnection,
            FaultKind::Hang,
        ]);
        let kind = kind.unwrap_or(FaultKind::Hang);
        faults.push(Fault::share(share, Selector::route(route), kind));
    }
    faults
}

fn status(code: u16, retry_after_seconds: Option<u64>) -> FaultKind {
    FaultKind::Status {
        code,
        retry_after_seconds,
    }
}

fn kind(rng: &mut Rng) -> FaultKind {
    match rng.u8(..17) {
        0 => status(500, None),
        1 => status(502, None),
        2 => status(503, Some(1)),
        3 => status(429, Some(1)),
        4 => status(404, None),
        5 => FaultKind::Hang,
        6 => FaultKind::Truncated,
        7 => FaultKind::HtmlPage,
        8 => FaultKind::PlainText,
        9 => FaultKind::WrongShape,
        10 => FaultKind::Garbage,
        11 => FaultKind::InvalidUtf8,
        12 => FaultKind::WrongTypes,
        13 => FaultKind::EndlessBody,
        // Beyond the largest body that is read.
        14 => FaultKind::LargeBody {
            bytes: 200 * 1024 * 1024,
        },
        15 => FaultKind::ResetConnection,
        _ => FaultKind::SlowDrip {
            bytes: 256,
            every_milliseconds: 10,
        },
    }
}

/// A kill and an outage of a service in every seed, and three to eight things more.
fn events(rng: &mut Rng) -> Vec<(Duration, Event)> {
    let mut events = Vec::new();
    let service = if rng.bool() {
        Link::Broker
    } else {
        Link::Database
    };
    outage(rng, service, &mut events);
    let at = moment(rng);
    events.push((at, Event::Kill(rng.usize(..WORKERS))));
    for _ in 0..rng.u8(3..=8) {
        let (at, worker, link) = (moment(rng), rng.usize(..WORKERS), link(rng));
        match rng.u8(..8) {
            0 | 1 => events.push((at, Event::Kill(worker))),
            2 | 3 => stall(rng, worker, &mut events),
            4 => events.push((at, Event::Cut(worker, link))),
            5 => {
                let delay = Duration::from_millis(rng.u64(5..60));
                events.push((at, Event::Slow(worker, link, delay)));
            }
            6 => outage(rng, link, &mut events),
            _ => events.push((at, Event::SecondRun)),
        }
    }
    events.sort_by_key(|(at, _)| *at);
    events
}

/// The same with the moves among them.
fn with_moves(seed: u64, mut events: Vec<(Duration, Event)>) -> Vec<(Duration, Event)> {
    for (at, one) in moves::of(seed) {
        let later = events.partition_point(|(other, _)| *other < at);
        events.insert(later, (at, Event::Move(one)));
    }
    events
}

fn link(rng: &mut Rng) -> Link {
    match rng.u8(..3) {
        0 => Link::Broker,
        1 => Link::Database,
        _ => Link::Erp,
    }
}

fn outage(rng: &mut Rng, service: Link, events: &mut Vec<(Duration, Event)>) {
    let at = moment(rng);
    events.push((at, Event::Away(service)));
    let length = Duration::from_millis(rng.u64(200..1_500));
    events.push((at + length, Event::Back(service)));
}

/// A worker that stalls, most often with its broker taking it for gone.
fn stall(rng: &mut Rng, worker: usize, events: &mut Vec<(Duration, Event)>) {
    let at = moment(rng);
    events.push((at, Event::Stall(worker)));
    if rng.u8(..4) > 0 {
        let later = at + Duration::from_millis(20);
        events.push((later, Event::Cut(worker, Link::Broker)));
    }
    let length = Duration::from_millis(rng.u64(300..2_500));
    events.push((at + length, Event::Wake(worker)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_always_the_same_plan() {
        let text = |seed| format!("{:?}", Plan::of(seed));
        assert_eq!(text(7), text(7));
        assert_ne!(text(7), text(8));
    }

    #[test]
    fn every_seed_kills_and_cuts_off_and_leaves_nothing_stalled() {
        for seed in 1..500 {
            let events = Plan::of(seed).events;
            let count = |wanted: fn(&Event) -> bool| {
                events.iter().filter(|(_, event)| wanted(event)).count()
            };
            assert!(count(|event| matches!(event, Event::Kill(_))) > 0);
            assert!(count(|event| matches!(event, Event::Away(_))) > 0);
            assert_eq!(
                count(|event| matches!(event, Event::Stall(_))),
                count(|event| matches!(event, Event::Wake(_)))
            );
            assert!(events.is_sorted_by_key(|(at, _)| *at));
        }
    }
}
