//! Whether more calls in flight bring more answers: what the ERP delivers, round by round.

use tokio::time::Instant;

/// The limit must have grown by so much before its effect is told from noise.
const TELLING_GROWTH: f64 = 1.5;
/// What growth must bring: doubling the calls, 7 % more answers. Where the ERP delivers n/(a + b·n),
/// this is met up to nine tenths of its ceiling.
const ELASTICITY: f64 = 0.1;
/// The fewest answers of a round: of fewer, one more or less is as much as any gain.
const FEWEST_ANSWERS: f64 = 16.0;
/// Rounds in a row without gain that decide: one may be noise.
const ROUNDS_WITHOUT_GAIN: u32 = 2;

/// A limit, and the answers per second it gave.
#[derive(Debug, Clone, Copy)]
struct Yield {
    limit: f64,
    rate: f64,
}

/// A window's worth of answers.
#[derive(Debug)]
struct Round {
    limit: f64,
    began: Instant,
    answers: f64,
    /// At some time the limit was not put to the test: its rate says nothing about it.
    untested: bool,
}

#[derive(Debug, Default)]
pub(super) struct Rounds {
    now: Option<Round>,
    /// The largest limit that was worth it.
    best: Option<Yield>,
    without_gain: u32,
}

impl Rounds {
    /// A call is sent under a limit.
    pub(super) fn sent(&mut self, limit: f64, now: Instant) {
        self.now.get_or_insert_with(|| Round::new(limit, now));
    }

    /// A call was answered, and put the limit to the test or not. Gives the limit to go back to when more
    /// calls than that have brought no more answers.
    pub(super) fn answered(
        &mut self,
        limit: f64,
        most: f64,
        tested: bool,
        now: Instant,
    ) -> Option<f64> {
        let round = self.now.as_mut()?;
        round.answers += 1.0;
        round.untested |= !tested;
        if round.answers < round.limit.floor().max(FEWEST_ANSWERS) {
            return None;
        }
        let seconds = (now - round.began).as_secs_f64().max(1e-3);
        let found = Yield {
            limit: round.limit,
            rate: round.answers / seconds,
        };
        let telling = !round.untested;
        self.now = Some(Round::new(limit, now));
        if telling {
            self.judge(found, most)
        } else {
            None
        }
    }

    /// Whether the last round brought no gain: the next one, without more calls, decides.
    pub(super) fn in_doubt(&self) -> bool {
        self.without_gain > 0
    }

    fn judge(&mut self, found: Yield, most: f64) -> Option<f64> {
        let in_doubt = self.in_doubt();
        let best = self.best.get_or_insert(found);
        let growth = found.limit / best.limit;
        if growth < TELLING_GROWTH {
            // Nothing was tried: this is how the ERP does now.
            best.rate = found.rate;
            self.without_gain = 0;
            return None;
        }
        // The operator allows the most there may be: that is no experiment of ours.
        let gained = found.rate >= best.rate * growth.powf(ELASTICITY);
        let as_allowed = found.limit >= most && !in_doubt;
        if gained || as_allowed {
            *best = found;
            self.without_gain = 0;
            return None;
        }
        self.without_gain += 1;
        if self.without_gain < ROUNDS_WITHOUT_GAIN {
            return None;
        }
        let sufficed = best.limit;
        self.without_gain = 0;
        self.now = None;
        Some(sufficed)
    }
}

impl Round {
    fn new(limit: f64, now: Instant) -> Self {
        Self {
            limit,
            began: now,
            answers: 0.0,
            untested: false,
        }
    }
}
