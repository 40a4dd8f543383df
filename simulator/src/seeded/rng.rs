//! A small generator of our own: the same seed must give the same bytes for good, whatever
//! becomes of a library.

/// SplitMix64, started from three numbers so that each record has a stream of its own.
#[derive(Debug, Clone)]
pub(crate) struct Rng(u64);

impl Rng {
    pub fn new(seed: u64, what: u64, which: u64) -> Self {
        let mut rng = Self(seed);
        rng.0 = rng.next() ^ what;
        rng.0 = rng.next() ^ which;
        rng
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A whole number from `low` to `high`, both included.
    pub fn between(&mut self, low: i64, high: i64) -> i64 {
        let span = (high - low + 1) as u128;
        low + ((u128::from(self.next()) * span) >> 64) as i64
    }

    /// True in `percent` of 100 draws.
    pub fn chance(&mut self, percent: i64) -> bool {
        self.between(0, 99) < percent
    }

    /// A number from 0 up to, but not, 1.
    pub fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One of the choices, each as likely as its weight.
    pub fn pick<T: Copy>(&mut self, choices: &[(i64, T)]) -> T {
        let mut left = self.between(0, choices.iter().map(|(weight, _)| weight).sum::<i64>() - 1);
        for (weight, choice) in choices {
            if left < *weight {
                return *choice;
            }
            left -= weight;
        }
        unreachable!("the draw is under the sum of the weights")
    }
}
